// What can be known about a text by looking at it alone.

/** Length as the server counts it: in code points, not in the halves of surrogate pairs. */
export function codePoints(text) {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const isPair =
      unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
    index += isPair ? 1 : 0;
    count++;
  }
  return count;
}

/** Everything up to white space, quotes, angle brackets and the punctuation of Chinese. */
const LINK =
  /https?:\/\/[^\s<>"'`\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“”‘’]+/giu;
const CLOSERS = { ')': '(', ']': '[', '}': '{' };

/**
 * Cuts a text into pieces of plain text and links, in order and without loss.
 *
 * @returns {Array<{text: string, href?: string}>} a piece with `href` is a link
 */
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = withoutTail(match[0]);
    const href = address(link);
    if (href === null) {
      continue;
    }
    if (match.index > end) {
      found.push({ text: text.slice(end, match.index) });
    }
    found.push({ text: link, href });
    end = match.index + link.length;
  }
  if (end < text.length) {
    found.push({ text: text.slice(end) });
  }
  return found;
}

/** The sentence's full stop is not the link's, nor is a bracket that was opened before it. */
function withoutTail(link) {
  // counted once: a text can be one long row of brackets
  const counts = {};
  for (const each of link) {
    counts[each] = (counts[each] ?? 0) + 1;
  }
  let end = link.length;
  for (;;) {
    const last = link[end - 1];
    const opener = CLOSERS[last];
    const isTail =
      opener === undefined
        ? '.,;:!?*_~'.includes(last)
        : counts[last] > (counts[opener] ?? 0);
    if (!isTail) {
      return link.slice(0, end);
    }
    counts[last]--;
    end--;
  }
}

function address(link) {
  try {
    const url = new URL(link);
    const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
    return isWeb && url.hostname !== '' ? url.href : null;
  } catch {
    return null; // looked like a link and is none
  }
}

const ONLY_EMOJI =
  /^(?:\p{RI}\p{RI}|\p{Emoji}(?:\p{EMod}|\ufe0f\u20e3?|[\u{e0020}-\u{e007e}]+\u{e007f})?(?:\u200d\p{Emoji}(?:\p{EMod}|\ufe0f)?)*){1,3}$/u;

/** Says whether a text is one to three emoji and nothing else; digits alone are none. */
export function isOnlyEmoji(text) {
  const trimmed = text.trim();
  return (
    trimmed.length <= 40 &&
    /\p{Extended_Pictographic}|\p{RI}/u.test(trimmed) &&
    ONLY_EMOJI.test(trimmed)
  );
}

/** The sign that stands for somebody: the first that a reader would see as one character. */
export function initial(nick) {
  const Segmenter = Intl.Segmenter;
  if (Segmenter !== undefined) {
    for (const { segment } of new Segmenter(undefined, { granularity: 'grapheme' }).segment(nick)) {
      return segment.toLocaleUpperCase();
    }
  }
  return ([...nick][0] ?? '').toLocaleUpperCase();
}

/** One of `count` colours for an id, the same each time. */
export function hue(id, count) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  return ((hash ^ (hash >>> 15)) >>> 0) % count;
}
