// Everything the page knows, and the one function that says what it knows next. No clock, no page
// and no line in here: times come with the events, and what is to be sent or said aloud goes out as
// `effects`, which whoever holds the state carries out and forgets.

/** So many things are kept of a room; what is older can be loaded again. */
export const MOST_ITEMS = 1000;
/** So many messages are asked for at a time. */
export const PAGE = 50;
/** After so long without news nobody is typing any more. */
const TYPING_MILLIS = 6_000;
/** A say that takes longer than this can be stopped. */
const SLOW_MILLIS = 1_500;
/** Interruptions after which the worker may go on; if it does not, the server says so next. */
const SURVIVED = new Set(['cancelled', 'timeout']);
/** Ids this tab has had, so that its own messages are still its own after a new start. */
const MOST_IDS = 20;

const LIMITS = { text: 2000, nick: 32, perMinute: 60 };

/**
 * @typedef {object} Item one thing in a room's list. `kind` is `message`, `answer` (a message of a
 *     worker, perhaps still growing), `joined`, `left`, `renamed`, or of this page alone:
 *     `interrupted`, `assigned`, `notice`, `problem`, `silent`, `restarted`
 */

/** What a page knows that has not dialled yet. */
export function blank({ room = 'lobby', outbox = [], ids = [], lastSeq = 0 } = {}) {
  return {
    now: 0,
    link: { phase: 'idle' },
    me: null,
    ids,
    server: null,
    limits: LIMITS,
    conversation: null,
    conversations: [],
    /** `none`, `soon` (wants a worker), `queued`, `talking` or `replaced` (the worker is gone). */
    seat: { kind: 'none' },
    /** The server has said that it ends. */
    draining: false,
    room: emptyRoom(room, lastSeq),
    rooms: [],
    /** What was said here and has not come back yet, oldest first. */
    outbox: outbox.map((entry) => ({ ...entry, status: 'lost' })),
    /** Own messages that wait for the answer of a worker. */
    awaiting: [],
    typing: [],
    attention: { visible: true, bottom: true },
    unread: { count: 0, marker: null },
    alert: null,
    serial: 0,
    effects: [],
  };
}

function emptyRoom(name, lastSeq = 0) {
  return {
    name,
    members: [],
    membersSeq: 0,
    items: [],
    /** Newest sequence number heard. */
    lastSeq,
    /** What `lastSeq` has to reach until all that was missed has been heard. */
    targetSeq: 0,
    /** A counter of logs: a server that forgot its rooms counts from one again. */
    epoch: 0,
    /** The list shown may not belong to what the server has now. */
    stale: false,
    more: false,
    loading: true,
    /** The newest things are not in the list, because somebody reads very old ones. */
    cut: false,
  };
}

/** The state after an event. */
export function next(state, event) {
  switch (event.type) {
    case 'link':
      return linked(state, event.link);
    case 'frame':
      return settled(heard({ ...state, now: event.now }, event.frame));
    case 'tick':
      return ticked(state, event.now);
    case 'say':
      return said(state, event);
    case 'sendAgain':
      return sentAgain(state, event);
    case 'discard':
      return { ...state, outbox: state.outbox.filter((entry) => entry.ref !== event.ref) };
    case 'older':
      return older(state);
    case 'newest':
      return newest(state);
    case 'attention':
      return attentive(state, event);
    case 'leaveQueue':
      return withEffects(
        { ...state, seat: seatOf('none', state.seat) },
        send({ type: 'leaveQueue' }),
      );
    case 'stay':
      // any frame but ping and typing shows the server that somebody is there
      return withEffects(withoutIdleNotice(state), send({ type: 'rooms' }));
    case 'alert':
      return alerted(state, event.problem);
    case 'dismiss':
      return { ...state, alert: null };
    default:
      throw new Error(`no such event: ${event.type}`);
  }
}

/** Says whether a worker is at work for this member, so that there is something to stop. */
export function isRunning(state) {
  if (state.link.phase !== 'open') {
    return false;
  }
  const isSlow = (entry) => entry.status === 'pending' && state.now - entry.at > SLOW_MILLIS;
  return (
    state.awaiting.length > 0 ||
    (state.seat.kind === 'talking' && state.outbox.some(isSlow)) ||
    state.room.items.some((item) => item.kind === 'answer' && item.running && item.forMe)
  );
}

/** Says whether all that was missed while the line was broken has been heard. */
export function isCaughtUp(state) {
  return state.link.phase === 'open' && state.room.lastSeq >= state.room.targetSeq;
}

/** What a tab has to remember to go on after a reload. */
export function keepsake(state) {
  return {
    session: state.me?.session ?? null,
    lastSeq: state.room.lastSeq,
    room: state.room.name,
    ids: state.ids,
    outbox: state.outbox
      .filter((entry) => entry.status !== 'acked')
      .map(({ ref, text, room, at, after }) => ({ ref, text, room, at, after })),
  };
}

function send(frame) {
  return { send: frame };
}

function withEffects(state, ...effects) {
  return { ...state, effects: [...state.effects, ...effects] };
}

function linked(state, link) {
  if (link.phase === 'open' || state.link.phase !== 'open') {
    return { ...state, link };
  }
  return {
    ...withoutIdleNotice(state),
    link,
    draining: false,
    typing: [],
    awaiting: [],
    seat: link.phase === 'ended' ? { kind: 'none' } : state.seat,
    outbox: state.outbox.map((entry) =>
      entry.status === 'pending' ? { ...entry, status: 'lost' } : entry,
    ),
    room: { ...withoutIdleNotice(state).room, loading: false },
  };
}

/** The warning of the end that silence has is of no use once the silence is over. */
function withoutIdleNotice(state) {
  const isIdle = (item) => item.kind === 'notice' && item.code === 'idle';
  return state.room.items.some(isIdle)
    ? { ...state, room: { ...state.room, items: state.room.items.filter((item) => !isIdle(item)) } }
    : state;
}

function ticked(state, now) {
  const typing = state.typing.filter((one) => one.until > now);
  return { ...state, now, typing: typing.length === state.typing.length ? state.typing : typing };
}

// What the server says

function heard(state, frame) {
  switch (frame.type) {
    case 'welcome':
      return welcomed(state, frame);
    case 'queued':
      return queued(state, frame);
    case 'assigned':
      return assigned(state, frame);
    case 'members':
      return membersTold(state, frame);
    case 'presence':
      return presenceTold(state, frame);
    case 'joined':
      return joined(state, frame);
    case 'left':
      return left(state, frame);
    case 'renamed':
      return renamed(state, frame);
    case 'message':
      return messageTold(state, frame);
    case 'delta':
      return deltaTold(state, frame);
    case 'done':
      return doneTold(state, frame);
    case 'typing':
      return typingTold(state, frame);
    case 'ack':
      return acked(state, frame);
    case 'history':
      return historyTold(state, frame);
    case 'rooms':
      return { ...state, rooms: frame.rooms };
    case 'interrupted':
      return interrupted(state, frame);
    case 'notice':
      return withLine(state, { kind: 'notice', code: frame.code, text: frame.text }, true);
    case 'error':
      return refused(state, frame);
    case 'draining':
      return { ...state, draining: true };
    default:
      return state; // a later server may say more
  }
}

function welcomed(state, frame) {
  const goesOn = frame.resumed && frame.room === state.room.name;
  const after = {
    ...state,
    me: { session: frame.session, id: frame.id, nick: frame.nick },
    ids: [...new Set([...state.ids, frame.id])].slice(-MOST_IDS),
    server: frame.server,
    limits: { ...LIMITS, ...frame.limits },
    conversation: frame.conversation,
    conversations: frame.conversations ?? [],
    seat: frame.resumed ? state.seat : { kind: 'none' },
  };
  return withEffects(
    { ...after, room: goesOn ? resumedRoom(state.room, frame) : freshRoom(state.room, frame) },
    ...(goesOn && (state.room.items.length === 0 || frame.missed > 0)
      ? [send({ type: 'history', limit: PAGE })]
      : []),
    send({ type: 'rooms' }),
  );
}

function resumedRoom(room, frame) {
  const isTorn = frame.missed > 0;
  const seq = frame.seq ?? 0;
  return {
    ...room,
    // with a hole in it the list would lie, and what is older can be loaded
    items: isTorn ? [] : room.items,
    cut: isTorn ? false : room.cut,
    more: isTorn ? true : room.more,
    loading: isTorn || room.items.length === 0,
    lastSeq: Math.min(isTorn ? room.lastSeq + frame.missed : room.lastSeq, seq),
    targetSeq: seq,
  };
}

function freshRoom(room, frame) {
  if (frame.room !== room.name || room.items.length === 0) {
    return { ...emptyRoom(frame.room), lastSeq: frame.seq ?? 0 };
  }
  const again = {
    ...room,
    stale: true,
    loading: true,
    lastSeq: frame.seq ?? 0,
    targetSeq: 0,
    members: [],
    membersSeq: 0,
  };
  return (frame.seq ?? 0) < room.lastSeq ? inNewEpoch(again) : again;
}

/** What is in the list stays above, and the server's new log is shown under a line. */
function inNewEpoch(room) {
  return {
    ...room,
    epoch: room.epoch + 1,
    stale: false,
    cut: false,
    items: [
      ...room.items.map((item) =>
        item.running ? { ...item, running: false, broken: true } : item,
      ),
      { key: `e${room.epoch + 1}`, kind: 'restarted' },
    ],
  };
}

/** The worker that a seat has, or had before it had to wait for another. */
function replaces(seat) {
  return seat.pid ?? seat.replaces ?? null;
}

/** A seat without a worker that remembers the one it had. */
function seatOf(kind, before) {
  return { kind, replaces: replaces(before) };
}

/** What the state that others see says of this member's own seat. */
function seatSeen(seat, seen) {
  if (
    seen === 'reading' &&
    (seat.kind === 'queued' || seat.kind === 'talking' || seat.kind === 'soon')
  ) {
    return seatOf('none', seat);
  }
  if (seen === 'waiting' && (seat.kind === 'none' || seat.kind === 'talking')) {
    return seatOf('soon', seat);
  }
  return seat;
}

function queued(state, { position, busy, size, estimatedWaitMillis }) {
  const place = { position, busy, size, estimatedWaitMillis };
  return { ...state, seat: { ...seatOf('queued', state.seat), ...place } };
}

function assigned(state, { worker, waitedMillis }) {
  const former = replaces(state.seat);
  const seat = { kind: 'talking', pid: worker.pid, slot: worker.slot, waitedMillis };
  const after = { ...state, seat };
  if (state.seat.kind !== 'replaced' && (former === null || former === worker.pid)) {
    return after; // the first, or told again after a reconnect
  }
  return withLine(after, { kind: 'assigned', pid: worker.pid, slot: worker.slot }, true);
}

function membersTold(state, frame) {
  const entered = entering(state, frame.room, frame.seq);
  const own = frame.members.find((member) => member.id === entered.me?.id);
  return {
    ...entered,
    seat: seatSeen(entered.seat, own?.state),
    me: own === undefined ? entered.me : { ...entered.me, nick: own.nick },
    room: { ...entered.room, members: frame.members, membersSeq: frame.seq },
  };
}

function presenceTold(state, { member }) {
  const { room } = state;
  const members = room.members.map((one) => (one.id === member.id ? { ...one, ...member } : one));
  return {
    ...state,
    seat: member.id === state.me?.id ? seatSeen(state.seat, member.state) : state.seat,
    room: { ...room, members },
  };
}

/** Another room than the one shown: this member has moved. */
function entering(state, room, seq) {
  if (room === state.room.name) {
    return state;
  }
  return withEffects(
    {
      ...state,
      room: { ...emptyRoom(room), lastSeq: seq },
      typing: [],
      awaiting: [],
      unread: { count: 0, marker: null },
    },
    send({ type: 'rooms' }),
  );
}

function joined(state, frame) {
  const isMe = frame.member.id === state.me?.id;
  if (frame.room !== state.room.name && !isMe) {
    return state;
  }
  const entered = entering(state, frame.room, frame.seq);
  return withRoomItem(
    withMembers(entered, frame, (members) => [
      ...members.filter((member) => member.id !== frame.member.id),
      { ...frame.member, state: frame.member.state ?? 'reading' },
    ]),
    roomItem(entered, frame, { kind: 'joined', member: frame.member }),
  );
}

function left(state, frame) {
  if (frame.room !== state.room.name || frame.member.id === state.me?.id) {
    return state;
  }
  const after = withMembers(state, frame, (members) =>
    members.filter((member) => member.id !== frame.member.id),
  );
  return withRoomItem(
    { ...after, typing: withoutTyping(after.typing, frame.member.id) },
    roomItem(after, frame, { kind: 'left', member: frame.member, reason: frame.reason }),
  );
}

function renamed(state, frame) {
  const isMe = frame.member.id === state.me?.id;
  const after = isMe ? { ...state, me: { ...state.me, nick: frame.member.nick } } : state;
  if (frame.room !== after.room.name) {
    return after;
  }
  return withRoomItem(
    withMembers(after, frame, (members) =>
      members.map((member) =>
        member.id === frame.member.id ? { ...member, nick: frame.member.nick } : member,
      ),
    ),
    roomItem(after, frame, { kind: 'renamed', member: frame.member, was: frame.was }),
  );
}

/** Frames that are older than the list of members are in it already. */
function withMembers(state, frame, change) {
  if (frame.seq <= state.room.membersSeq) {
    return state;
  }
  return { ...state, room: { ...state.room, members: change(state.room.members) } };
}

function messageTold(state, frame) {
  if (frame.room !== state.room.name) {
    return state;
  }
  const item = messageItem(state, frame);
  const isNew = !isKnown(state.room, item);
  let after = withRoomItem(state, item);
  if (item.own && frame.from.kind === 'user' && isNew) {
    after = withoutSaid(after, frame);
  }
  if (item.kind === 'answer') {
    after = withoutAwaited(after, frame.replyTo);
  }
  return { ...after, typing: withoutTyping(after.typing, frame.from.id) };
}

function messageItem(state, frame) {
  const isAnswer = frame.from.kind === 'worker' && frame.replyTo !== undefined;
  const item = roomItem(state, frame, {
    kind: isAnswer ? 'answer' : 'message',
    from: frame.from,
    text: frame.text,
    own: frame.from.kind === 'user' && state.ids.includes(frame.from.id),
  });
  return isAnswer
    ? { ...item, key: answerKey(state.room, frame.replyTo), replyTo: frame.replyTo, running: false }
    : { ...item, ...(frame.replyTo === undefined ? {} : { replyTo: frame.replyTo }) };
}

function roomItem(state, frame, more) {
  const { epoch } = state.room;
  return { key: `${epoch}:${frame.seq}`, epoch, seq: frame.seq, ts: frame.ts, ...more };
}

function answerKey(room, replyTo) {
  return `${room.epoch}:a${replyTo}`;
}

/** What was said here has come back, so it waits no longer; a worker may have to answer it. */
function withoutSaid(state, frame) {
  const byRef = state.outbox.find((entry) => entry.ref === frame.ref || entry.seq === frame.seq);
  const entry = byRef ?? state.outbox.find((one) => isSameAfterAll(one, frame));
  if (entry === undefined) {
    return state;
  }
  const isAnswered = frame.from.pid === undefined && entry.status !== 'lost';
  return {
    ...state,
    outbox: state.outbox.filter((one) => one !== entry),
    awaiting: isAnswered ? [...state.awaiting, { ref: entry.ref, seq: frame.seq }] : state.awaiting,
  };
}

/** After a reconnect a message may have lost its ref, but new and in the same words it is it. */
function isSameAfterAll(entry, message) {
  return (
    (entry.status === 'lost' || entry.status === 'unsent') &&
    entry.room === message.room &&
    entry.text === message.text &&
    entry.after < message.seq
  );
}

function withoutAwaited(state, replyTo) {
  return { ...state, awaiting: state.awaiting.filter((one) => one.seq !== replyTo) };
}

function deltaTold(state, frame) {
  const key = answerKey(state.room, frame.replyTo);
  const { items, cut } = state.room;
  const at = items.findLastIndex((item) => item.key === key);
  if (at < 0) {
    if (cut) {
      return state;
    }
    const answer = {
      key,
      kind: 'answer',
      epoch: state.room.epoch,
      ts: new Date(state.now).toISOString(),
      from: { kind: 'worker', nick: state.conversation ?? '', id: '' },
      replyTo: frame.replyTo,
      text: frame.text,
      parts: frame.index + 1,
      running: true,
      forMe: isMine(state, frame.replyTo),
    };
    return noticed({ ...state, room: { ...state.room, items: [...items, answer] } }, answer);
  }
  const answer = items[at];
  if (!answer.running || frame.index < answer.parts) {
    return state;
  }
  const grown = { ...answer, text: answer.text + frame.text, parts: frame.index + 1 };
  return { ...state, room: { ...state.room, items: items.with(at, grown) } };
}

function isMine(state, seq) {
  return (
    state.awaiting.some((one) => one.seq === seq) ||
    state.room.items.some(
      (item) => item.seq === seq && item.epoch === state.room.epoch && item.own === true,
    )
  );
}

function doneTold(state, { replyTo, runMillis }) {
  const key = answerKey(state.room, replyTo);
  const isAwaited = state.awaiting.some((one) => one.seq === replyTo);
  const after = withoutAwaited(state, replyTo);
  if (isAwaited && !state.room.items.some((item) => item.key === key)) {
    return withLine(after, { kind: 'silent', replyTo, runMillis }, true);
  }
  return changed(after, key, { running: false, runMillis });
}

/** With the item of this key changed, if it is in the list. */
function changed(state, key, change) {
  const { items } = state.room;
  const at = items.findLastIndex((item) => item.key === key);
  if (at < 0) {
    return state;
  }
  return { ...state, room: { ...state.room, items: items.with(at, { ...items[at], ...change }) } };
}

function typingTold(state, { member, on }) {
  const others = withoutTyping(state.typing, member.id);
  if (!on || member.id === state.me?.id) {
    return { ...state, typing: others };
  }
  return { ...state, typing: [...others, { ...member, until: state.now + TYPING_MILLIS }] };
}

function withoutTyping(typing, id) {
  return typing.some((one) => one.id === id) ? typing.filter((one) => one.id !== id) : typing;
}

function acked(state, frame) {
  const entry = state.outbox.find((one) => one.ref === frame.ref);
  if (entry === undefined) {
    return withEffects(state, { answered: frame.ref, problem: null });
  }
  const isHere =
    frame.seq !== undefined && isKnown(state.room, { epoch: state.room.epoch, seq: frame.seq });
  return {
    ...state,
    outbox: isHere
      ? state.outbox.filter((one) => one !== entry)
      : state.outbox.map((one) =>
          one === entry ? { ...one, status: 'acked', seq: frame.seq } : one,
        ),
  };
}

function historyTold(state, frame) {
  if (frame.room !== state.room.name) {
    return state;
  }
  const room = reconciled(state.room, frame);
  const base = { ...state, room };
  const oldest = room.items.find((item) => item.epoch === room.epoch && isMessage(item));
  const isOlder = oldest === undefined || (frame.messages[0]?.seq ?? 0) < oldest.seq;
  let { items } = room;
  let { outbox } = state;
  for (const message of frame.messages) {
    const item = messageItem(base, message);
    if (isKnown({ ...room, items }, item)) {
      continue;
    }
    items = inserted(items, item);
    // what is in the history was not lost, whatever became of its ack
    const entry = outbox.find(
      (one) => one.seq === item.seq || (item.own && isSameAfterAll(one, message)),
    );
    outbox = entry === undefined ? outbox : outbox.filter((one) => one !== entry);
  }
  const excess = items.length - MOST_ITEMS;
  return {
    ...state,
    outbox,
    room: {
      ...room,
      items: excess > 0 ? (isOlder ? items.slice(0, MOST_ITEMS) : items.slice(excess)) : items,
      cut: room.cut || (excess > 0 && isOlder),
      more: isOlder || frame.messages.length === 0 ? frame.more : room.more,
      loading: false,
    },
  };
}

function isMessage(item) {
  return (item.kind === 'message' || item.kind === 'answer') && item.seq !== undefined;
}

/** Finds out, after a new start, whether the list shown and the server's are of one log. */
function reconciled(room, frame) {
  if (!room.stale) {
    return room;
  }
  const known = new Map(
    room.items
      .filter((item) => item.epoch === room.epoch && isMessage(item))
      .map((item) => [item.seq, item.ts]),
  );
  const first = frame.messages[0];
  if (known.size === 0 || frame.messages.some((message) => known.get(message.seq) === message.ts)) {
    return { ...room, stale: false };
  }
  if (first !== undefined && frame.more && first.seq > Math.max(...known.keys())) {
    return { ...room, stale: false, items: [], cut: false };
  }
  return inNewEpoch(room);
}

function interrupted(state, frame) {
  const { items } = state.room;
  const isBroken = (item) =>
    item.kind === 'answer' &&
    item.running &&
    (frame.replyTo === undefined ? item.forMe : item.replyTo === frame.replyTo);
  const after = {
    ...state,
    seat:
      SURVIVED.has(frame.reason) || state.seat.kind === 'none'
        ? state.seat
        : seatOf('replaced', state.seat),
    awaiting: [],
    outbox: state.outbox.map((entry) =>
      entry.ref === frame.ref ? { ...entry, status: 'failed', problem: null } : entry,
    ),
    room: {
      ...state.room,
      items: items.some(isBroken)
        ? items.map((item) => (isBroken(item) ? { ...item, running: false, broken: true } : item))
        : items,
    },
  };
  return withLine(
    after,
    {
      kind: 'interrupted',
      reason: frame.reason,
      text: frame.text,
      pid: replaces(state.seat),
      ...(frame.replyTo === undefined ? {} : { replyTo: frame.replyTo }),
    },
    true,
  );
}

function refused(state, frame) {
  const { ref, problem } = frame;
  const known = { ...problem, slug: slug(problem) };
  if (ref !== undefined && state.outbox.some((entry) => entry.ref === ref)) {
    return {
      ...state,
      outbox: state.outbox.map((entry) =>
        entry.ref === ref ? { ...entry, status: 'failed', problem: known } : entry,
      ),
    };
  }
  const awaited = state.awaiting.find((one) => one.ref === ref);
  if (ref !== undefined && awaited !== undefined) {
    const after = changed(
      { ...state, awaiting: state.awaiting.filter((one) => one !== awaited) },
      answerKey(state.room, awaited.seq),
      { running: false, broken: true },
    );
    return withLine(after, { kind: 'problem', problem: known, replyTo: awaited.seq }, true);
  }
  if (ref !== undefined) {
    return withEffects(state, { answered: ref, problem: known });
  }
  return alerted(state, known);
}

/** The last part of a problem's type, by which the page knows its words for it. */
export function slug(problem) {
  return String(problem.type ?? '').replace(/^.*\//u, '');
}

function alerted(state, problem) {
  return { ...state, serial: state.serial + 1, alert: { id: state.serial + 1, problem } };
}

// The list of a room

function isKnown(room, item) {
  return room.items.some((other) => other.seq === item.seq && other.epoch === item.epoch);
}

/** Adds what a frame of the room tells, once and in its place. */
function withRoomItem(state, item) {
  const { room } = state;
  const twin = room.items.find((other) => other.seq === item.seq && other.epoch === item.epoch);
  if (twin !== undefined) {
    if (!room.stale || twin.ts === item.ts) {
      return state;
    }
    const anew = { ...state, room: { ...inNewEpoch(room), lastSeq: item.seq } };
    return withRoomItem(anew, {
      ...item,
      epoch: anew.room.epoch,
      key: `${anew.room.epoch}:${item.seq}`,
    });
  }
  const isGap = item.seq > room.lastSeq + 1 && room.lastSeq > 0;
  const heardOf = { ...state, room: { ...room, lastSeq: Math.max(room.lastSeq, item.seq) } };
  const after = isGap ? withEffects(heardOf, send({ type: 'history', limit: PAGE })) : heardOf;
  const growing = room.items.findLastIndex((other) => other.key === item.key);
  if (growing >= 0) {
    // the answer that grew here is complete and stays in its place
    const whole = { ...room.items[growing], ...item };
    return spoken(
      { ...after, room: { ...after.room, items: room.items.with(growing, whole) } },
      whole,
    );
  }
  if (room.cut) {
    return spoken(noticed(after, item), item);
  }
  const items = inserted(room.items, item);
  return spoken(noticed(trimmed({ ...after, room: { ...after.room, items } }), item), item);
}

/** In the order of the log; lines of this page alone stay behind what they followed. */
function inserted(items, item) {
  let at = items.length;
  for (let index = items.length - 1; index >= 0; index--) {
    const other = items[index];
    if (other.seq === undefined) {
      continue;
    }
    if (other.epoch < item.epoch || (other.epoch === item.epoch && other.seq < item.seq)) {
      break;
    }
    at = index;
  }
  return items.toSpliced(at, 0, item);
}

/**
 * Not more than `MOST_ITEMS`: at the bottom the oldest go, and for somebody who reads old ones the
 * newest do until he comes back.
 */
function trimmed(state) {
  const { room, attention } = state;
  const excess = room.items.length - MOST_ITEMS;
  if (excess <= 0) {
    return state;
  }
  return {
    ...state,
    room: attention.bottom
      ? { ...room, items: room.items.slice(excess), more: true }
      : { ...room, items: room.items.slice(0, MOST_ITEMS), cut: true },
  };
}

/** Adds a line of this page alone. */
function withLine(state, line, aloud) {
  const serial = state.serial + 1;
  const item = { key: `l${serial}`, ts: new Date(state.now).toISOString(), ...line };
  const after = trimmed({
    ...state,
    serial,
    room: { ...state.room, items: [...state.room.items, item] },
  });
  return aloud ? withEffects(after, { announce: item }) : after;
}

/** Counts what comes while nobody looks, and remembers where it began. */
function noticed(state, item) {
  const { attention, unread } = state;
  if ((item.kind !== 'message' && item.kind !== 'answer') || item.own) {
    return state;
  }
  if (attention.visible && attention.bottom) {
    return state;
  }
  return {
    ...state,
    unread: {
      count: unread.count + 1,
      marker: unread.count === 0 ? item.key : unread.marker,
    },
  };
}

/** Has what is new and whole read out; what grows is read when it is complete. */
function spoken(state, item) {
  return item.own ? state : withEffects(state, { announce: item });
}

function attentive(state, { visible, bottom }) {
  const attention = { visible, bottom };
  if (
    attention.visible === state.attention.visible &&
    attention.bottom === state.attention.bottom
  ) {
    return state;
  }
  const after = { ...state, attention };
  return visible && bottom && !state.room.cut
    ? trimmed({ ...after, unread: { ...state.unread, count: 0 } })
    : after;
}

/** Once everything missed has been heard, what has not come back was not sent. */
function settled(state) {
  if (!isCaughtUp(state) || !state.outbox.some((entry) => entry.status === 'lost')) {
    return state;
  }
  return {
    ...state,
    outbox: state.outbox.map((entry) =>
      entry.status === 'lost' ? { ...entry, status: 'unsent' } : entry,
    ),
  };
}

// What the user does

function said(state, { ref, text, now }) {
  const { name: room, lastSeq: after } = state.room;
  const entry = { ref, text, room, at: now, after, status: 'pending' };
  const front = state.room.cut ? newest(state) : withoutIdleNotice(state);
  return withEffects(
    { ...front, outbox: [...front.outbox, entry], unread: { count: 0, marker: null } },
    send({ type: 'say', ref, text }),
  );
}

function sentAgain(state, { ref, newRef, now }) {
  const entry = state.outbox.find((one) => one.ref === ref);
  if (entry === undefined) {
    return state;
  }
  const others = state.outbox.filter((one) => one !== entry);
  return said({ ...state, outbox: others }, { ref: newRef, text: entry.text, now });
}

function older(state) {
  const { room } = state;
  if (room.loading || !room.more || state.link.phase !== 'open') {
    return state;
  }
  const oldest = room.items.find((item) => item.epoch === room.epoch && isMessage(item));
  return withEffects(
    { ...state, room: { ...room, loading: true } },
    send({
      type: 'history',
      ...(oldest === undefined ? {} : { before: oldest.seq }),
      limit: PAGE,
    }),
  );
}

function newest(state) {
  if (!state.room.cut) {
    return state;
  }
  return withEffects(
    {
      ...state,
      unread: { count: 0, marker: null },
      room: { ...state.room, items: [], cut: false, more: true, loading: true },
    },
    send({ type: 'history', limit: PAGE }),
  );
}
