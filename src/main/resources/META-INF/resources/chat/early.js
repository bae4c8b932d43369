// Runs before the first paint, so that nobody sees the wrong theme or a wrong language flash by.
// What it reads was written by memory.js.
(() => {
  const kept = (name) => {
    try {
      return JSON.parse(localStorage.getItem(`processpool.chat.${name}`));
    } catch {
      return null; // refused or spoilt: the defaults are good
    }
  };
  const theme = kept('theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
  const lang = kept('lang') ?? navigator.language;
  document.documentElement.lang = String(lang).toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
})();
