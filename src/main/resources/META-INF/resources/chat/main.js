// Puts the page together: the line, what is known, what is shown, what is remembered.

import { Connection } from './connection.js';
import { Gate, isToken } from './gate.js';
import { Memory, Tabs } from './memory.js';
import { blank, isCaughtUp, keepsake, next, slug } from './state.js';
import { View } from './view.js';
import { fill, preferred } from './words.js';

const TICK = 1_000;
const ROOMS_AGAIN = 5_000;
/** How long the answer to a wish for a nick or a room may take. */
const WISH_PATIENCE = 10_000;

const clock = {
  now: () => Date.now(),
  setTimeout: (act, millis) => setTimeout(act, millis),
  clearTimeout: (timer) => clearTimeout(timer),
};
const tab = new Memory(() => sessionStorage);
const gate = new Gate({
  base: location.href,
  fetch: (url, options) => fetch(url, options),
  memory: tab,
});
const browser = new Memory(() => localStorage);
const tabs = new Tabs(
  typeof BroadcastChannel === 'function' ? new BroadcastChannel('processpool.chat') : null,
  clock,
);

let lang = preferred([browser.get('lang'), ...(navigator.languages ?? [navigator.language])]);
let kept = await keptSession();
let wishedNick = kept?.nick ?? browser.get('nick');
let askedNick = null;
/** The session is over; what the server still says of it is not remembered. */
let isOver = false;
let isSigningOut = false;
let wishedConversation = tab.get('conversation');
let wishedRoom = kept?.room ?? 'lobby';
let roomsAskedAt = 0;
const wishes = new Map();

let state = blank({
  room: wishedRoom,
  outbox: kept?.outbox,
  ids: kept?.ids,
  lastSeq: kept?.lastSeq,
});
let heardAloud = [];
let isRendering = false;

const view = new View(
  document,
  {
    say: (text) => {
      dispatch({ type: 'say', ref: newRef(), text, now: clock.now() });
      view.toEnd();
    },
    notReady: () => view.say(view.words.notYetTold),
    recall: lastOwnText,
    typing: (on) => connection.send({ type: 'typing', on }),
    sendAgain: (ref) => {
      if (!isCaughtUp(state)) {
        view.say(view.words.notYetTold);
        return;
      }
      dispatch({ type: 'sendAgain', ref, newRef: newRef(), now: clock.now() });
      view.toEnd();
    },
    discard: (ref) => dispatch({ type: 'discard', ref }),
    older: () => dispatch({ type: 'older' }),
    newest: () => dispatch({ type: 'newest' }),
    looked: look,
    stay: () => dispatch({ type: 'stay' }),
    cancel: () => connection.send({ type: 'cancel' }),
    giveUp: () => dispatch({ type: 'leaveQueue' }),
    dismiss: () => dispatch({ type: 'dismiss' }),
    leave,
    signIn,
    signOut,
    comeBack: () => connection.start(),
    retryNow: () => connection.nudge(),
    join: (room) =>
      wish({ type: 'join', room }, (problem) => {
        view.answerForm('join', problem);
        if (problem === null) {
          view.say(fill(view.words.youJoined, { room }).join(''));
        }
      }),
    nick: (nick) =>
      wish({ type: 'nick', nick }, (problem) => {
        if (problem === null) {
          wishedNick = nick;
          browser.set('nick', nick);
        }
        view.answerForm('nick', problem, view.words.nickDone(nick));
      }),
    refreshRooms,
    conversation: (name) => {
      wishedConversation = name;
      tab.set('conversation', name);
      forget();
      connection.restart();
    },
    language: (chosen) => {
      lang = chosen;
      browser.set('lang', lang);
      view.setLanguage(lang);
      view.render(state);
    },
    theme: (chosen) => {
      browser.set('theme', chosen);
      view.setTheme(chosen);
    },
  },
  { drafts: tab, clock },
);

const connection = new Connection({
  admit,
  WebSocket,
  clock,
  random: Math.random,
  hello,
  onFrame: hear,
  onLink: (link) => {
    if (isSigningOut && link.phase !== 'open') {
      location.reload(); // nothing of what was said stays behind on the page
      return;
    }
    view.showPerson(gate.me);
    dispatch({ type: 'link', link });
    if (link.phase === 'ended' && link.code === 1000) {
      forget();
    } else if (link.phase === 'ended' && link.code === 4090) {
      tabs.hold(null); // another tab has it now, until the user decides otherwise
    }
  },
});

view.setLanguage(lang);
view.setTheme(browser.get('theme', 'auto'));
look();
view.render(state);
connection.start();

setInterval(() => dispatch({ type: 'tick', now: clock.now() }), TICK);
window.addEventListener('online', () => connection.nudge());
window.addEventListener('offline', () => connection.nudge());
window.addEventListener('pageshow', (event) => {
  if (event.persisted) {
    connection.nudge();
  }
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') {
    connection.nudge();
  }
  look();
});
window.addEventListener('focus', () => {
  look();
  refreshRooms();
});
window.addEventListener('blur', look);

/** The session this tab had before it was loaded again, unless a tab that lives still has it. */
async function keptSession() {
  const found = tab.get('session');
  if (found === null) {
    return null;
  }
  if (!(await tabs.isHeldElsewhere(found.tag))) {
    return found;
  }
  tab.set('session', null);
  return { room: found.room };
}

/** Asks the service whether it lets us in, and says where. */
function admit(answer) {
  return gate.admit((found) =>
    answer(found.kind === 'admitted' ? { kind: 'open', url: address(found.ticket) } : found),
  );
}

/** The server of the page, also behind a proxy that has it under a path. */
function address(ticket) {
  const url = new URL('chat', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = ticket === null ? '' : new URLSearchParams({ ticket }).toString();
  url.hash = '';
  return url.href;
}

function hello() {
  askedNick = wishedNick;
  return {
    type: 'hello',
    lang,
    room: wishedRoom,
    ...(wishedNick === null ? {} : { nick: wishedNick }),
    ...(wishedConversation === null ? {} : { conversation: wishedConversation }),
    ...(kept?.session && (kept.person ?? null) === person() ? { resume: { session: kept.session, lastSeq: kept.lastSeq } } : {}),
  };
}

function hear(frame) {
  if (isOtherNick(frame)) {
    dispatch({
      type: 'alert',
      problem: { slug: 'other-nick', asked: askedNick, given: state.me.nick },
    });
    return;
  }
  isOver = isOver && frame.type !== 'welcome';
  dispatch({ type: 'frame', frame, now: clock.now() });
  if (frame.type === 'welcome') {
    welcome(frame);
  }
}

/** Whoever greets with a nick that somebody has gets another, and is told after the welcome. */
function isOtherNick({ type, ref, problem }) {
  return (
    type === 'error' &&
    ref === undefined &&
    slug(problem) === 'nick-taken' &&
    askedNick !== null &&
    state.me !== null
  );
}

/** Asks how many are in which room, but not more often than anybody would look. */
function refreshRooms() {
  const now = clock.now();
  if (now - roomsAskedAt >= ROOMS_AGAIN && connection.send({ type: 'rooms' })) {
    roomsAskedAt = now;
  }
}

function welcome({ nick, conversation }) {
  wishedNick = nick;
  if (wishedConversation !== conversation) {
    wishedConversation = null; // there is none of that name any more
    tab.set('conversation', null);
  }
}

/** Whose session it is; another person cannot go on with it. */
function person() {
  return gate.me?.authentication ? gate.me.name : null;
}

function signIn(text) {
  const token = text.trim();
  if (token === '') {
    view.refuseToken('empty');
  } else if (!isToken(token)) {
    view.refuseToken('malformed');
  } else {
    gate.present(token);
    connection.start();
  }
}

/** The page begins anew, without the token and what was written by whom it belonged to. */
function signOut() {
  isSigningOut = true;
  gate.signOut();
  tab.forgetAll();
  forget();
  connection.leave();
}

function leave() {
  forget();
  connection.leave();
}

/** The next greeting is one of somebody new. */
function forget() {
  isOver = true;
  kept = null;
  tabs.hold(null);
  tab.set('session', null);
}

/** Sends a frame whose answer somebody waits for: `answer` is told the problem, or null for none. */
function wish(frame, answer) {
  const ref = newRef();
  const give = (problem) => {
    clock.clearTimeout(timer);
    wishes.delete(ref);
    answer(problem);
  };
  const timer = clock.setTimeout(() => give({ slug: 'no-answer' }), WISH_PATIENCE);
  wishes.set(ref, give);
  if (!connection.send({ ...frame, ref })) {
    give({ slug: 'not-connected' });
  }
}

function dispatch(event) {
  const before = state;
  const { effects, ...after } = next(state, event);
  state = { ...after, effects: [] };
  for (const effect of effects) {
    if (effect.send !== undefined) {
      connection.send(effect.send);
    } else if (effect.announce !== undefined) {
      heardAloud.push(effect.announce);
    } else if (effect.answered !== undefined) {
      wishes.get(effect.answered)?.(effect.problem);
    }
  }
  remember(before);
  if (state !== before) {
    renderSoon();
  }
}

function remember(before) {
  wishedRoom = state.room.name;
  const isSame =
    before.me === state.me &&
    before.room.lastSeq === state.room.lastSeq &&
    before.outbox === state.outbox;
  if (isSame || isOver || state.me === null || state.link.phase === 'ended') {
    return;
  }
  const tag = kept?.session === state.me.session ? kept.tag : newRef();
  kept = { ...keepsake(state), nick: state.me.nick, person: person(), tag };
  tab.set('session', kept);
  tabs.hold(tag);
}

/** One rendering for all that comes in one moment; a page in the background has no frames. */
function renderSoon() {
  if (isRendering) {
    return;
  }
  isRendering = true;
  const render = () => {
    isRendering = false;
    view.render(state);
    if (heardAloud.length > 0) {
      view.announce(heardAloud);
      heardAloud = [];
    }
    look();
  };
  if (document.visibilityState === 'visible') {
    requestAnimationFrame(render);
  } else {
    setTimeout(render, 0);
  }
}

/** Whether somebody sees the newest decides what counts as read. */
function look() {
  const visible = document.visibilityState === 'visible' && document.hasFocus();
  const bottom = view.isAtEnd;
  if (visible !== state.attention.visible || bottom !== state.attention.bottom) {
    dispatch({ type: 'attention', visible, bottom });
  }
}

function lastOwnText() {
  const own = state.room.items.findLast((item) => item.own === true);
  return state.outbox.at(-1)?.text ?? own?.text ?? null;
}

/** Random enough that no two tabs use the same; works on pages without https, too. */
function newRef() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
