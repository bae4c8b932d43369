// What the page says, in English and Chinese. A text with names or numbers in it has places like
// {nick}, which the view fills with nodes, so that a name stays apart from the sentence around it.

const english = new Intl.PluralRules('en');
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
const ENDINGS = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
const many = (count, one, other) => (english.select(count) === 'one' ? one : other);

const en = {
  language: 'English',
  otherLanguage: '中文',
  title: 'Process Pool chat',
  skip: 'Skip to the message box',
  rooms: 'Rooms',
  members: 'People here',
  messages: (room) => `Messages in ${room}`,
  here: (count) => `${count} here`,
  roomCount: (count) => `${count} ${many(count, 'person', 'people')}`,
  joinLabel: 'Join or open a room',
  join: 'Join',
  lobby: 'Back to the lobby',
  conversation: 'Who you talk with',
  conversationHint: 'Choosing another starts a new conversation.',
  nickLabel: 'Your nick',
  nickSave: 'Change',
  nickDone: (nick) => `You are ${nick} now.`,
  you: 'you',
  worker: 'worker',
  memberStates: { talking: 'talking', waiting: 'waiting', reading: 'reading', away: 'away' },
  leave: 'Leave',
  comeBack: 'Come back',
  useHere: 'Use it here',
  help: 'Keyboard and help',
  close: 'Close',
  theme: { auto: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' },
  switchLanguage: '切换到中文',

  connecting: 'Connecting…',
  connectingAgain: 'Connecting again…',
  reading: 'You read along. Write something, and you get a worker.',
  entered: 'Connected',
  talking: 'Talking with worker {pid}',
  slot: 'slot {slot}',
  line: 'You are {place} in line',
  place: (position) => `${position}${ENDINGS[ordinals.select(position)]}`,
  busy: (busy, size) => `${busy} of ${size} ${many(size, 'worker', 'workers')} busy`,
  estimate: (span) => `about ${span} to wait`,
  soon: 'A worker is on its way…',
  replaced: 'Your worker is gone, another one takes over…',
  goingDown: 'The server is about to restart…',
  giveUp: 'Give up the place',
  lost: 'Connection lost',
  draining: 'The server is restarting',
  lineFull: 'The waiting line is full',
  offline: 'This device is offline',
  retrying: 'trying again',
  retryIn: (seconds) => ` in ${seconds} s`,
  retryNow: 'Try now',
  ended: {
    byMe: 'You have left.',
    1000: 'The conversation has ended.',
    1008: 'The server ended the conversation: it was against its rules.',
    4008: 'You were quiet for too long, so your worker went to somebody else.',
    4029: 'Too many messages in too short a time, so the server hung up.',
    4090: 'This chat goes on in another tab or window.',
    4403: 'An operator has ended the conversation.',
    other: (code) => `The server has ended the conversation (code ${code}).`,
  },

  signIn: 'Sign in',
  signInWhy: 'This service asks who you are. Whoever runs it gives you an access token.',
  token: 'Access token',
  tokenHint: 'It is kept in this tab only, until you sign out or close the tab.',
  showToken: 'Show',
  hideToken: 'Hide',
  tokenProblems: {
    empty: 'Put in your access token first.',
    malformed: 'This is no token: it has blanks or other characters that no token has.',
    refused: 'The service does not know this token. Is it whole, and not out of date?',
    expired: 'Your token is not valid any more. Sign in with a new one.',
  },
  notSignedIn: 'You are not signed in.',
  mayNotChat: 'You may not chat.',
  noEntry: 'No chat with this token',
  mayOnlyRead: 'You are signed in as {name}, and this token only allows looking, not chatting.',
  otherToken: 'Use another token',
  signedInAs: 'Signed in as {name}',
  signOut: 'Sign out',

  composer: (room) => `Message to ${room}`,
  placeholder: (room) => `Message to #${room}`,
  send: 'Send',
  stop: 'Stop the answer',
  stopShort: 'Stop',
  count: (count, limit) => `${count} of ${limit} characters`,
  tooLong: (over) => `${over} ${many(over, 'character', 'characters')} too many`,
  hint: 'Enter sends, Shift+Enter starts a new line',
  notYet: 'Not connected; your text is kept',
  notYetTold: 'There is no connection, so nothing was sent. Your text is still there.',
  pending: 'sending…',
  waitingTurn: 'waits until it is your turn',
  acked: 'arrived',
  unclear: 'connection lost: it is not clear whether this arrived',
  unsent: 'Not sent',
  failed: 'Not sent: {why}',
  lostWithWorker: 'it was lost with the worker',
  sendAgain: 'Send again',
  discard: 'Discard',

  older: 'Load older messages',
  loading: 'Loading…',
  beginning: 'Here #{room} begins.',
  empty: 'Nobody has said anything here yet.',
  emptyHint: 'Say hello.',
  unreadMarker: 'New',
  jump: 'Jump to the newest',
  jumpNew: (count) => `${count} new ${many(count, 'message', 'messages')}`,
  cut: 'Newer messages are not shown here.',
  today: 'Today',
  yesterday: 'Yesterday',
  joined: (count) => `{who} ${many(count, 'has', 'have')} joined`,
  youJoined: 'You have joined #{room}',
  left: {
    bye: (count) => `{who} ${many(count, 'has', 'have')} left`,
    moved: () => '{who} went to another room',
    lost: () => '{who} lost the connection',
    idle: () => '{who} left after a long silence',
    operator: (count) => `{who} ${many(count, 'was', 'were')} removed by an operator`,
    policy: (count) => `{who} ${many(count, 'was', 'were')} removed by the server`,
  },
  renamed: '{was} is now {who}',
  restarted: 'The server has started anew. What stands above it no longer knows.',
  assigned: 'Worker {pid} ({slot}) has taken over the conversation.',
  interrupted: {
    'worker-crashed': 'The worker{pid} died in the middle of the conversation.',
    timeout: 'The answer took too long and was stopped.',
    'memory-limit': 'The worker{pid} needed too much memory and was stopped.',
    recycled: 'The worker{pid} was replaced.',
    cancelled: 'You stopped the answer.',
  },
  numbered: (pid) => ` ${pid}`,
  newWorker: 'A new worker takes over and is told what was said so far.',
  notice: {
    idle: 'You have been quiet for a while. In a minute the conversation ends and your worker goes to somebody else.',
    fresh: 'You were away for too long to go on where you were: this is a new start.',
    'history-lost': 'The new worker could not be told what was said before: it starts anew.',
  },
  stay: 'I am still here',
  answerTo: 'answer to {nick}: {text}',
  growing: 'answering…',
  took: (span) => `took ${span}`,
  cutShort: 'cut short',
  silent: 'Done without a word',
  couldNot: 'The worker could not answer',
  pid: (pid) => `pid ${pid}`,
  pidTitle: (pid) => `Went through the worker process ${pid}`,
  opensTab: 'opens in a new tab',
  typing: (count) => (count === 1 ? '{who} is typing…' : '{who} are typing…'),
  typingMany: 'Several people are typing…',
  heard: (nick, text) => `${nick}: ${text}`,
  heardMany: (count) => `${count} new messages`,

  problems: {
    'bad-message': 'The server did not understand that',
    'nick-taken': 'Somebody else has that nick',
    'invalid-nick': 'That is no nick the server takes',
    'invalid-room': 'That is no name for a room',
    'too-long': 'That is too long',
    'rate-limited': 'That was too fast',
    'room-full': 'That room is full',
    busy: 'No worker is free for this',
    'turn-failed': 'The worker failed at this',
    'unknown-conversation': 'There is no such conversation',
    'not-found': 'There is no such thing',
    'no-answer': 'The server does not answer',
    'not-connected': 'There is no connection',
  },
  nickTaken: (asked, nick) => `${asked} is taken, so you are ${nick} for now.`,
  again: (span) => `Try again in ${span}`,
  sentences: (...parts) => `${parts.map((part) => part.replace(/\.$/u, '')).join('. ')}.`,
  dismiss: 'Dismiss',

  shortcuts: [
    ['Enter', 'send the message'],
    ['Shift + Enter', 'start a new line'],
    ['↑', 'in an empty message box: your last message again'],
    ['Ctrl + .', 'stop the running answer'],
    ['Esc', 'close a panel, or go from the messages to the message box'],
    ['↑ ↓ PgUp PgDn Home End', 'in the messages: scroll'],
    ['Ctrl + /', 'this page'],
  ],
  about: [
    'Whoever talks here has a worker: a process of its own, known by its pid. When all workers are busy, newcomers wait in line, first come, first served.',
    'When a worker dies, only its own conversation notices: a new one takes over and is told what was said so far.',
  ],

  span: (millis) => {
    if (millis < 1000) {
      return `${Math.max(1, Math.round(millis))} ms`;
    }
    if (millis < 10_000) {
      return `${Number((millis / 1000).toFixed(1))} s`;
    }
    if (millis < 90_000) {
      return `${Math.round(millis / 1000)} s`;
    }
    return `${Math.round(millis / 60_000)} min`;
  },
};

const zh = {
  language: '中文',
  otherLanguage: 'EN',
  title: 'Process Pool 聊天',
  skip: '跳到输入框',
  rooms: '房间',
  members: '在场的人',
  messages: (room) => `${room} 的消息`,
  here: (count) => `${count} 人在场`,
  roomCount: (count) => `${count} 人`,
  joinLabel: '加入或新建房间',
  join: '加入',
  lobby: '回到大厅',
  conversation: '对话对象',
  conversationHint: '更换后将开始新的对话。',
  nickLabel: '你的昵称',
  nickSave: '修改',
  nickDone: (nick) => `你现在叫 ${nick}。`,
  you: '你',
  worker: '工作进程',
  memberStates: { talking: '对话中', waiting: '排队中', reading: '旁听', away: '离开' },
  leave: '离开',
  comeBack: '回来',
  useHere: '在这里使用',
  help: '快捷键与帮助',
  close: '关闭',
  theme: { auto: '主题：跟随系统', light: '主题：浅色', dark: '主题：深色' },
  switchLanguage: 'Switch to English',

  connecting: '正在连接…',
  connectingAgain: '正在重新连接…',
  reading: '你在旁听。发一条消息，就会为你分配工作进程。',
  entered: '已连接',
  talking: '正在与工作进程 {pid} 对话',
  slot: '槽位 {slot}',
  line: '你排在{place}',
  place: (position) => `第 ${position} 位`,
  busy: (busy, size) => `工作进程 ${busy}/${size} 忙碌`,
  estimate: (span) => `大约还要等 ${span}`,
  soon: '正在为你分配工作进程…',
  replaced: '你的工作进程已终止，正在换一个新的…',
  goingDown: '服务器即将重启…',
  giveUp: '放弃排队',
  lost: '连接已断开',
  draining: '服务器正在重启',
  lineFull: '等候队列已满',
  offline: '本设备已离线',
  retrying: '将重试',
  retryIn: (seconds) => `（${seconds} 秒后）`,
  retryNow: '立即重试',
  ended: {
    byMe: '你已离开。',
    1000: '对话已结束。',
    1008: '服务器结束了对话：违反了它的规则。',
    4008: '你太久没有说话，工作进程已让给别人。',
    4029: '短时间内消息过多，服务器断开了连接。',
    4090: '这个聊天已在另一个标签页或窗口中继续。',
    4403: '管理员结束了对话。',
    other: (code) => `服务器结束了对话（代码 ${code}）。`,
  },

  signIn: '登录',
  signInWhy: '这个服务需要知道你是谁。请向服务的管理员索取访问令牌。',
  token: '访问令牌',
  tokenHint: '令牌只保存在这个标签页里，退出登录或关闭标签页后即清除。',
  showToken: '显示',
  hideToken: '隐藏',
  tokenProblems: {
    empty: '请先输入访问令牌。',
    malformed: '这不是令牌：其中有空格或令牌里不会出现的字符。',
    refused: '服务不认识这个令牌。请检查是否完整、是否已过期。',
    expired: '你的令牌已失效，请用新的令牌登录。',
  },
  notSignedIn: '你还没有登录。',
  mayNotChat: '你没有聊天的权限。',
  noEntry: '这个令牌不能聊天',
  mayOnlyRead: '你已登录为 {name}，但这个令牌只能查看，不能聊天。',
  otherToken: '换一个令牌',
  signedInAs: '已登录为 {name}',
  signOut: '退出登录',

  composer: (room) => `发到 ${room} 的消息`,
  placeholder: (room) => `发消息到 #${room}`,
  send: '发送',
  stop: '停止回答',
  stopShort: '停止',
  count: (count, limit) => `${count} / ${limit} 字`,
  tooLong: (over) => `超出 ${over} 个字`,
  hint: 'Enter 发送，Shift+Enter 换行',
  notYet: '尚未连接，内容会保留',
  notYetTold: '没有连接，消息没有发出，内容还在输入框里。',
  pending: '正在发送…',
  waitingTurn: '轮到你时送达',
  acked: '已送达',
  unclear: '连接已断开：不确定这条是否送达',
  unsent: '未发送',
  failed: '未发送：{why}',
  lostWithWorker: '随工作进程一起丢失了',
  sendAgain: '重新发送',
  discard: '丢弃',

  older: '加载更早的消息',
  loading: '正在加载…',
  beginning: '#{room} 从这里开始。',
  empty: '这里还没有人说话。',
  emptyHint: '打个招呼吧。',
  unreadMarker: '新消息',
  jump: '跳到最新',
  jumpNew: (count) => `${count} 条新消息`,
  cut: '这里没有显示更新的消息。',
  today: '今天',
  yesterday: '昨天',
  joined: () => '{who} 加入了',
  youJoined: '你加入了 #{room}',
  left: {
    bye: () => '{who} 离开了',
    moved: () => '{who} 去了别的房间',
    lost: () => '{who} 掉线了',
    idle: () => '{who} 久未发言，已离开',
    operator: () => '{who} 被管理员移出',
    policy: () => '{who} 被服务器移出',
  },
  renamed: '{was} 改名为 {who}',
  restarted: '服务器已重新启动，以上内容它已不再记得。',
  assigned: '工作进程 {pid}（{slot}）已接手对话。',
  interrupted: {
    'worker-crashed': '工作进程{pid}在对话中途崩溃了。',
    timeout: '回答耗时过长，已被停止。',
    'memory-limit': '工作进程{pid}占用内存过多，已被停止。',
    recycled: '工作进程{pid}已被更换。',
    cancelled: '你停止了回答。',
  },
  numbered: (pid) => ` ${pid} `,
  newWorker: '新的工作进程会接手，并得知之前的对话。',
  notice: {
    idle: '你已经很久没有说话。再过一分钟对话将结束，工作进程会让给别人。',
    fresh: '你离开太久，无法接着之前的对话：这是新的开始。',
    'history-lost': '新的工作进程无法得知之前的对话，从头开始。',
  },
  stay: '我还在',
  answerTo: '回答 {nick}：{text}',
  growing: '正在回答…',
  took: (span) => `用时 ${span}`,
  cutShort: '中断',
  silent: '已完成，没有输出',
  couldNot: '工作进程未能回答',
  pid: (pid) => `pid ${pid}`,
  pidTitle: (pid) => `经由工作进程 ${pid}`,
  opensTab: '在新标签页打开',
  typing: () => '{who} 正在输入…',
  typingMany: '好几个人正在输入…',
  heard: (nick, text) => `${nick}:${text}`,
  heardMany: (count) => `${count} 条新消息`,

  problems: {
    'bad-message': '服务器没有看懂',
    'nick-taken': '这个昵称已有人用',
    'invalid-nick': '这个昵称不能用',
    'invalid-room': '这个房间名不能用',
    'too-long': '内容太长',
    'rate-limited': '发得太快',
    'room-full': '房间已满',
    busy: '没有空闲的工作进程',
    'turn-failed': '工作进程处理失败',
    'unknown-conversation': '没有这种对话',
    'not-found': '没有这个内容',
    'no-answer': '服务器没有回应',
    'not-connected': '没有连接',
  },
  nickTaken: (asked, nick) => `${asked} 已有人用，你暂时叫 ${nick}。`,
  again: (span) => `请在 ${span}后再试`,
  sentences: (...parts) => `${parts.map((part) => part.replace(/[.。]$/u, '')).join('。')}。`,
  dismiss: '知道了',

  shortcuts: [
    ['Enter', '发送消息'],
    ['Shift + Enter', '换行'],
    ['↑', '输入框为空时：取回你的上一条消息'],
    ['Ctrl + .', '停止正在进行的回答'],
    ['Esc', '关闭面板，或从消息列表回到输入框'],
    ['↑ ↓ PgUp PgDn Home End', '在消息列表中：滚动'],
    ['Ctrl + /', '打开本页'],
  ],
  about: [
    '在这里说话的每个人都有一个工作进程：一个独立的进程，以 pid 标识。全部忙碌时，后来的人排队，先到先得。',
    '某个工作进程崩溃时，只有它自己的对话会受影响：新的进程会接手，并得知之前的对话。',
  ],

  span: (millis) => {
    if (millis < 1000) {
      return `${Math.max(1, Math.round(millis))} 毫秒`;
    }
    if (millis < 10_000) {
      return `${Number((millis / 1000).toFixed(1))} 秒`;
    }
    if (millis < 90_000) {
      return `${Math.round(millis / 1000)} 秒`;
    }
    return `${Math.round(millis / 60_000)} 分钟`;
  },
};

export const LANGUAGES = { en, zh };

/** `zh` for whoever prefers any Chinese to any English, `en` for all others. */
export function preferred(languages) {
  for (const language of languages) {
    const main = String(language).toLowerCase().split('-')[0];
    if (main in LANGUAGES) {
      return main;
    }
  }
  return 'en';
}

/**
 * Cuts a text at its places and puts what belongs there: `fill('{who} joined', {who: node})` is
 * `[node, ' joined']`.
 */
export function fill(text, values) {
  return text
    .split(/(\{\w+\})/u)
    .filter((part) => part !== '')
    .map((part) => {
      const name = /^\{(\w+)\}$/u.exec(part)?.[1];
      return name !== undefined && name in values ? values[name] : part;
    });
}

/** How a day is called by somebody who reads this at `now`. */
export function dayName(date, now, lang) {
  const words = LANGUAGES[lang];
  const days = Math.round((startOfDay(now) - startOfDay(date)) / 86_400_000);
  if (days === 0) {
    return words.today;
  }
  if (days === 1) {
    return words.yesterday;
  }
  return new Intl.DateTimeFormat(tag(lang), {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(date.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  }).format(date);
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

const clocks = new Map();

/** Hours and minutes as the language writes them. */
export function timeOfDay(date, lang) {
  if (!clocks.has(lang)) {
    clocks.set(
      lang,
      new Intl.DateTimeFormat(tag(lang), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    );
  }
  return clocks.get(lang).format(date);
}

function tag(lang) {
  return lang === 'zh' ? 'zh-CN' : 'en-GB';
}
