// Which rows a room's list has: its things in order, with a row where a day begins, one where the
// unread begins, and one for many that came in a row.

import { dayName } from './words.js';

/** Messages of one member closer than this stand together under one name. */
const TOGETHER_MILLIS = 5 * 60_000;
/** So many names are said of those who came or left together. */
export const MOST_NAMES = 3;

/**
 * @param {object} state
 * @param {Date} now
 * @param {string} lang
 * @returns {Array<{key: string, kind: string, item?: object}>} `kind` is that of the item, or
 *     `day`, `unread`, `outbox`; messages know whether they stand `together` with the one before
 *     and whether they have a `quote`
 */
export function rows(state, now, lang) {
  const { items } = state.room;
  const found = [];
  let day = null;
  let before = null;
  for (const item of items) {
    const date = item.ts === undefined ? null : new Date(item.ts);
    if (date !== null && date.toDateString() !== day) {
      day = date.toDateString();
      found.push({
        key: `day:${item.epoch ?? ''}:${day}`,
        kind: 'day',
        text: dayName(date, now, lang),
        ts: item.ts,
      });
      before = null;
    }
    if (item.key === state.unread.marker) {
      found.push({ key: 'unread', kind: 'unread' });
      before = null;
    }
    if (isPassing(item) && isSamePassing(before, item)) {
      before.members = [...before.members, item.member];
      before.item = item;
      continue;
    }
    const row = {
      key: item.key,
      kind: item.kind,
      item,
      together: isTogether(before?.item, item),
      samePid: before?.item?.from?.pid === item.from?.pid,
      quote: quoteOf(items, item, before?.item),
      members: isPassing(item) ? [item.member] : null,
    };
    found.push(row);
    before = row;
  }
  return distinct(found).concat(
    state.outbox
      .filter((entry) => entry.room === state.room.name)
      .map((entry) => ({ key: `o:${entry.ref}`, kind: 'outbox', item: entry })),
  );
}

/** A day may be split by a line of the page; its rows still need names of their own. */
function distinct(list) {
  const seen = new Map();
  return list.map((row) => {
    const count = seen.get(row.key) ?? 0;
    seen.set(row.key, count + 1);
    return count === 0 ? row : { ...row, key: `${row.key}:${count}` };
  });
}

function isPassing(item) {
  return item.kind === 'joined' || item.kind === 'left';
}

function isSamePassing(row, item) {
  return row?.kind === item.kind && row.item.reason === item.reason && row.members.length < 100;
}

function isTogether(before, item) {
  return (
    before?.kind === 'message' &&
    item.kind === 'message' &&
    before.from.id === item.from.id &&
    before.from.nick === item.from.nick &&
    Date.parse(item.ts) - Date.parse(before.ts) < TOGETHER_MILLIS
  );
}

/** What an answer answers, unless that stands just above it. */
function quoteOf(items, item, before) {
  if (item.replyTo === undefined || before?.seq === item.replyTo) {
    return null;
  }
  return (
    items.find(
      (other) => other.seq === item.replyTo && other.epoch === (item.epoch ?? other.epoch),
    ) ?? null
  );
}
