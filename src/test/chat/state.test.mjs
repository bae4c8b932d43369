import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  MOST_ITEMS,
  blank,
  isCaughtUp,
  isRunning,
  keepsake,
  next,
} from '../../main/resources/META-INF/resources/chat/state.js';

const ME = { id: 'me', nick: 'alice' };
const BOB = { id: 'b', nick: 'bob' };
const NOON = Date.parse('2026-02-03T12:00:00.000Z');
const at = (seq) => new Date(NOON + seq * 1000).toISOString();

/** A page that a test plays the server for. */
class Page {
  constructor(kept) {
    this.state = blank(kept);
    this.sent = [];
    this.announced = [];
    this.answered = [];
    this.time = NOON;
  }

  do(event) {
    const after = next(this.state, event);
    for (const effect of after.effects) {
      if (effect.send !== undefined) {
        this.sent.push(effect.send);
      } else if (effect.announce !== undefined) {
        this.announced.push(effect.announce);
      } else {
        this.answered.push(effect);
      }
    }
    this.state = { ...after, effects: [] };
    return this;
  }

  hear(...frames) {
    frames.forEach((frame) => this.do({ type: 'frame', frame, now: this.time }));
    return this;
  }

  link(phase, more = {}) {
    return this.do({ type: 'link', link: { phase, ...more } });
  }

  enter({ seq = 0, messages = [], more = false, ...rest } = {}) {
    this.link('open');
    this.hear(welcome({ seq, ...rest }), members(seq), history(messages, more));
    return this;
  }

  say(text, ref = text) {
    return this.do({ type: 'say', ref, text, now: this.time });
  }

  look(visible, bottom) {
    return this.do({ type: 'attention', visible, bottom });
  }

  get items() {
    return this.state.room.items;
  }

  get texts() {
    return this.items.map((item) => item.text ?? item.kind);
  }

  get outbox() {
    return this.state.outbox.map(({ text, status }) => `${text}: ${status}`);
  }
}

const welcome = (more = {}) => ({
  type: 'welcome',
  session: 'secret',
  ...ME,
  room: 'lobby',
  protocol: 1,
  limits: { text: 2000, nick: 32, perMinute: 60 },
  server: { name: 'Process Pool', version: '1' },
  conversation: 'talk',
  conversations: [{ name: 'talk', summary: '' }],
  resumed: false,
  missed: 0,
  seq: 0,
  ...more,
});
const members = (seq, list = [{ ...ME, state: 'talking' }], room = 'lobby') => ({
  type: 'members',
  room,
  seq,
  members: list,
});
const history = (messages, more = false, room = 'lobby') => ({
  type: 'history',
  room,
  messages,
  more,
});
const message = (seq, text, more = {}) => ({
  type: 'message',
  room: 'lobby',
  seq,
  ts: at(seq),
  from: { ...BOB, kind: 'user', pid: 4711 },
  text,
  ...more,
});
const mine = (seq, text, more = {}) =>
  message(seq, text, { from: { ...ME, kind: 'user', pid: 4712 }, ...more });
const asked = (seq, text, more = {}) =>
  message(seq, text, { from: { ...ME, kind: 'user' }, ...more });
const answer = (seq, replyTo, text) =>
  message(seq, text, { from: { id: 'w', nick: 'jshell', kind: 'worker', pid: 4712 }, replyTo });
const delta = (replyTo, index, text) => ({ type: 'delta', replyTo, index, text });
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('Entering a room', () => {
  it('shows who is there and what was said last', () => {
    const page = new Page().enter({
      seq: 2,
      messages: [message(1, 'one'), message(2, 'two')],
      more: true,
    });
    assert.deepEqual(page.texts, ['one', 'two']);
    assert.equal(page.state.room.more, true);
    assert.equal(page.state.room.members[0].nick, 'alice');
    assert.deepEqual(page.announced, [], 'and reads nothing of it out');
  });

  it('asks which rooms there are', () => {
    assert.deepEqual(new Page().enter().sent, [{ type: 'rooms' }]);
  });

  it('adds what is said then at the end, and reads it out', () => {
    const page = new Page()
      .enter({ seq: 1, messages: [message(1, 'one')] })
      .hear(message(2, 'two'));
    assert.deepEqual(page.texts, ['one', 'two']);
    assert.deepEqual(
      page.announced.map((item) => item.text),
      ['two'],
    );
  });

  it('takes a frame that comes twice once', () => {
    const page = new Page().enter().hear(message(1, 'one'), message(1, 'one'));
    assert.deepEqual(page.texts, ['one']);
  });

  it('puts history that comes late before what came meanwhile', () => {
    const page = new Page().link('open').hear(welcome({ seq: 2 }), members(2), message(3, 'three'));
    page.hear(history([message(1, 'one'), message(2, 'two')]));
    assert.deepEqual(page.texts, ['one', 'two', 'three']);
  });

  it('asks for what is missing should there be a gap', () => {
    const page = new Page().enter({ seq: 5, messages: [message(5, 'five')] });
    page.hear(message(8, 'eight'));
    assert.deepEqual(page.sent.at(-1), { type: 'history', limit: 50 });
    page.hear(
      history([message(5, 'five'), message(6, 'six'), message(7, 'seven'), message(8, 'eight')]),
    );
    assert.deepEqual(page.texts, ['five', 'six', 'seven', 'eight']);
  });
});

describe('Who is here', () => {
  it('follows those who come, go and change their names', () => {
    const page = new Page().enter();
    page.hear({ type: 'joined', room: 'lobby', seq: 1, ts: at(1), member: BOB });
    assert.deepEqual(
      page.state.room.members.map((member) => member.nick),
      ['alice', 'bob'],
    );
    page.hear({
      type: 'renamed',
      room: 'lobby',
      seq: 2,
      ts: at(2),
      member: { id: 'b', nick: 'rob' },
      was: 'bob',
    });
    assert.deepEqual(
      page.state.room.members.map((member) => member.nick),
      ['alice', 'rob'],
    );
    page.hear({
      type: 'left',
      room: 'lobby',
      seq: 3,
      ts: at(3),
      member: { id: 'b', nick: 'rob' },
      reason: 'bye',
    });
    assert.deepEqual(
      page.state.room.members.map((member) => member.nick),
      ['alice'],
    );
    assert.deepEqual(page.texts, ['joined', 'renamed', 'left']);
  });

  it('knows from the first what those who come are doing', () => {
    const page = new Page().enter();
    const member = { ...BOB, state: 'waiting' };
    page.hear({ type: 'joined', room: 'lobby', seq: 1, ts: at(1), member });
    assert.equal(page.state.room.members[1].state, 'waiting');
    page.hear({ type: 'presence', member: { ...BOB, state: 'talking' } });
    assert.equal(page.state.room.members[1].state, 'talking');
  });

  it('is not changed again by frames that the list already knows', () => {
    const page = new Page().link('open').hear(welcome({ seq: 4 }), members(4));
    page.hear({ type: 'joined', room: 'lobby', seq: 4, ts: at(4), member: BOB });
    assert.deepEqual(
      page.state.room.members.map((member) => member.nick),
      ['alice'],
    );
  });

  it('knows its own new nick', () => {
    const page = new Page().enter();
    page.hear({
      type: 'renamed',
      room: 'lobby',
      seq: 1,
      ts: at(1),
      member: { id: 'me', nick: 'ali' },
      was: 'alice',
    });
    assert.equal(page.state.me.nick, 'ali');
  });

  it('changes with the room, which starts with a list of its own', () => {
    const page = new Page().enter({ seq: 1, messages: [message(1, 'one')] });
    page.hear({ type: 'left', room: 'lobby', seq: 2, ts: at(2), member: ME, reason: 'moved' });
    page.hear({ type: 'joined', room: 'java', seq: 9, ts: at(9), member: ME });
    page.hear(members(9, [{ ...ME, state: 'talking' }], 'java'));
    page.hear(history([message(8, 'eight', { room: 'java' })], true, 'java'));
    assert.equal(page.state.room.name, 'java');
    assert.deepEqual(page.texts, ['eight', 'joined']);
    assert.equal(page.state.room.lastSeq, 9);
    page.hear(message(3, 'late from the lobby'));
    assert.deepEqual(page.texts, ['eight', 'joined']);
  });

  it('types until a message, an end or six seconds', () => {
    const page = new Page().enter();
    const types = { type: 'typing', member: BOB, on: true };
    page.hear(types);
    assert.equal(page.state.typing.length, 1);
    page.hear(message(1, 'x'));
    assert.equal(page.state.typing.length, 0);
    page.hear(types, { ...types, on: false });
    assert.equal(page.state.typing.length, 0);
    page.hear(types).do({ type: 'tick', now: NOON + 6001 });
    assert.equal(page.state.typing.length, 0);
  });
});

describe('What is said here', () => {
  it('is shown at once as under way, and once when it comes back', () => {
    const page = new Page().enter().say('hello', 'r1');
    assert.deepEqual(page.sent.at(-1), { type: 'say', ref: 'r1', text: 'hello' });
    assert.deepEqual(page.outbox, ['hello: pending']);
    page.hear(mine(1, 'hello', { ref: 'r1' }), { type: 'ack', ref: 'r1', seq: 1 });
    assert.deepEqual(page.outbox, []);
    assert.deepEqual(page.texts, ['hello']);
    assert.equal(page.items[0].own, true);
    assert.deepEqual(page.announced, [], 'and is not read out to who said it');
  });

  it('has arrived when its ack comes first', () => {
    const page = new Page().enter().say('hello', 'r1').hear({ type: 'ack', ref: 'r1', seq: 1 });
    assert.deepEqual(page.outbox, ['hello: acked']);
    page.hear(mine(1, 'hello'));
    assert.deepEqual(page.outbox, []);
  });

  it('keeps its problem when it is refused', () => {
    const page = new Page().enter().say('hello', 'r1');
    page.hear({
      type: 'error',
      ref: 'r1',
      problem: { type: '/problems/rate-limited', title: 'Too fast' },
    });
    assert.deepEqual(page.outbox, ['hello: failed']);
    assert.equal(page.state.outbox[0].problem.slug, 'rate-limited');
  });

  it('can be sent again under another ref, or discarded', () => {
    const page = new Page().enter().say('one', 'r1').say('two', 'r2');
    const problem = { type: '/problems/busy', title: 'Busy' };
    page.hear({ type: 'error', ref: 'r1', problem }, { type: 'error', ref: 'r2', problem });
    page.do({ type: 'sendAgain', ref: 'r1', newRef: 'r3', now: NOON });
    page.do({ type: 'discard', ref: 'r2' });
    assert.deepEqual(page.outbox, ['one: pending']);
    assert.deepEqual(page.sent.at(-1), { type: 'say', ref: 'r3', text: 'one' });
  });
});

describe('When the connection broke', () => {
  const broken = () =>
    new Page().enter().say('hello', 'r1').link('waiting', { retryAt: 0, code: 1006 });
  const back = { seq: 0, resumed: true };

  it('it is not clear whether what was under way has arrived', () => {
    assert.deepEqual(broken().outbox, ['hello: lost']);
  });

  it('nothing is sent again by itself: it was not sent, and the user decides', () => {
    const page = broken();
    const before = page.sent.length;
    page.link('open').hear(welcome(back), members(0));
    assert.deepEqual(page.outbox, ['hello: unsent']);
    assert.equal(
      page.sent.slice(before).some((frame) => frame.type === 'say'),
      false,
    );
  });

  it('what had arrived is found among what was missed', () => {
    const page = broken()
      .link('open')
      .hear(welcome({ ...back, seq: 2 }), members(2));
    assert.equal(isCaughtUp(page.state), false);
    assert.deepEqual(page.outbox, ['hello: lost']);
    page.hear(message(1, 'x'), mine(2, 'hello', { ref: 'r1' }));
    assert.equal(isCaughtUp(page.state), true);
    assert.deepEqual(page.outbox, []);
    assert.deepEqual(page.texts, ['x', 'hello']);
  });

  it('what had arrived is found even if its ref was forgotten', () => {
    const page = broken()
      .link('open')
      .hear(welcome({ ...back, seq: 1 }), members(1), mine(1, 'hello'));
    assert.deepEqual(page.outbox, []);
  });

  it('the same words from before are not taken for it', () => {
    const page = new Page().enter({ seq: 1, messages: [mine(1, 'hello')] }).say('hello', 'r1');
    page.link('waiting', { retryAt: 0, code: 1006 }).link('open');
    page.hear(welcome({ ...back, seq: 1, missed: 0 }), members(1), history([mine(1, 'hello')]));
    assert.deepEqual(page.outbox, ['hello: unsent']);
  });

  it('the list goes on where it was', () => {
    const page = new Page().enter({ seq: 1, messages: [message(1, 'one')] });
    page.link('waiting', { retryAt: 0, code: 1006 }).link('open');
    page.hear(welcome({ ...back, seq: 2 }), members(2), message(2, 'two'));
    assert.deepEqual(page.texts, ['one', 'two']);
  });

  it('a list with a hole is fetched anew', () => {
    const page = new Page().enter({ seq: 1, messages: [message(1, 'one')] });
    page.link('waiting', { retryAt: 0, code: 1006 }).link('open');
    page.hear(welcome({ ...back, seq: 301, missed: 99 }), members(301));
    assert.deepEqual(page.sent.at(-2), { type: 'history', limit: 50 });
    page.hear(message(101, 'hundred and one'));
    assert.deepEqual(page.texts, ['hundred and one']);
    assert.equal(page.state.room.more, true);
    assert.equal(page.sent.at(-1).type, 'rooms', 'and the hole is not asked for a second time');
  });

  it('after a reload the list is fetched and the rest comes from memory', () => {
    const kept = keepsake(
      new Page().enter({ seq: 1, messages: [message(1, 'one')] }).say('hello', 'r1').state,
    );
    assert.equal(kept.session, 'secret');
    const page = new Page(kept).link('open').hear(welcome({ ...back, seq: 2 }), members(2));
    assert.deepEqual(page.sent[0], { type: 'history', limit: 50 });
    page.hear(message(2, 'two'), history([message(1, 'one'), message(2, 'two')]));
    assert.deepEqual(page.texts, ['one', 'two']);
    assert.deepEqual(page.outbox, ['hello: unsent']);
  });
});

describe('A new start', () => {
  const fresh = { id: 'me2', session: 'other', resumed: false };
  const ten = range(1, 10).map((seq) => message(seq, `m${seq}`));

  it('of the same log shows nothing twice', () => {
    const page = new Page()
      .enter({ seq: 10, messages: ten })
      .link('waiting', { retryAt: 0, code: 1006 });
    page.enter({
      ...fresh,
      seq: 12,
      messages: [...ten.slice(5), message(11, 'm11'), message(12, 'm12')],
    });
    assert.deepEqual(
      page.texts,
      range(1, 12).map((seq) => `m${seq}`),
    );
  });

  it('of the same log after a long time shows only what has no hole', () => {
    const page = new Page()
      .enter({ seq: 10, messages: ten })
      .link('waiting', { retryAt: 0, code: 1006 });
    page.enter({
      ...fresh,
      seq: 90,
      messages: range(80, 90).map((seq) => message(seq, `m${seq}`)),
      more: true,
    });
    assert.deepEqual(
      page.texts,
      range(80, 90).map((seq) => `m${seq}`),
    );
    assert.equal(page.state.room.more, true);
  });

  it('of a server that forgot keeps above what was seen', () => {
    const page = new Page()
      .enter({ seq: 10, messages: ten })
      .link('waiting', { retryAt: 0, code: 1012 });
    page.enter({ ...fresh, seq: 1, messages: [message(1, 'new', { ts: at(5000) })] });
    assert.deepEqual(page.texts, [...range(1, 10).map((seq) => `m${seq}`), 'restarted', 'new']);
    page.hear(message(2, 'newer', { ts: at(5001) }));
    assert.equal(page.texts.at(-1), 'newer');
    assert.equal(page.state.room.lastSeq, 2);
  });

  it('is noticed too when the new log is as long as the old', () => {
    const page = new Page()
      .enter({ seq: 10, messages: ten })
      .link('waiting', { retryAt: 0, code: 1012 });
    page.enter({
      ...fresh,
      seq: 10,
      messages: range(1, 10).map((seq) => message(seq, `n${seq}`, { ts: at(9000 + seq) })),
    });
    assert.equal(page.texts.length, 21);
    assert.equal(page.texts[10], 'restarted');
  });

  it('is noticed too when somebody speaks before the history comes', () => {
    const page = new Page()
      .enter({ seq: 10, messages: ten })
      .link('waiting', { retryAt: 0, code: 1012 });
    page
      .link('open')
      .hear(
        welcome({ ...fresh, seq: 10 }),
        members(10),
        message(10, 'other ten', { ts: at(9999) }),
      );
    assert.deepEqual(page.texts.slice(-2), ['restarted', 'other ten']);
  });

  it('knows its own messages by the id it had before', () => {
    const page = new Page()
      .enter({ seq: 1, messages: [mine(1, 'mine')] })
      .link('ended', { code: 1000 });
    page.enter({ ...fresh, seq: 1, messages: [mine(1, 'mine')] });
    assert.deepEqual(page.texts, ['mine']);
    assert.equal(page.items[0].own, true);
  });
});

describe('The place in line', () => {
  const queued = (position) => ({
    type: 'queued',
    position,
    ahead: position - 1,
    busy: 5,
    size: 5,
    estimatedWaitMillis: 60_000,
  });
  const assigned = (pid) => ({
    type: 'assigned',
    worker: { slot: 'chat-2', pid },
    waitedMillis: 10,
  });

  it('moves up and becomes a worker', () => {
    const page = new Page().enter().hear(queued(2));
    assert.equal(page.state.seat.position, 2);
    page.hear(queued(1));
    assert.equal(page.state.seat.position, 1);
    page.hear(assigned(4711));
    assert.deepEqual(page.state.seat, {
      kind: 'talking',
      pid: 4711,
      slot: 'chat-2',
      waitedMillis: 10,
    });
    assert.deepEqual(page.texts, [], 'and the list needs no line for it');
  });

  it('can be given up', () => {
    const page = new Page().enter().hear(queued(2)).do({ type: 'leaveQueue' });
    assert.equal(page.state.seat.kind, 'none');
    assert.deepEqual(page.sent.at(-1), { type: 'leaveQueue' });
  });

  it('is gone when the others see so', () => {
    const page = new Page().enter().hear(assigned(4711));
    page.hear({ type: 'presence', member: { ...ME, state: 'reading' } });
    assert.equal(page.state.seat.kind, 'none');
    assert.equal(page.state.room.members[0].state, 'reading');
  });

  it('is asked for again by the next that is said', () => {
    const page = new Page().enter().say('x', 'r1');
    page.hear({ type: 'presence', member: { ...ME, state: 'waiting' } });
    assert.equal(page.state.seat.kind, 'soon');
    page.hear(queued(3));
    assert.equal(page.state.seat.kind, 'queued');
  });

  it('that was given to somebody else while this one was away is a new worker afterwards', () => {
    const page = new Page()
      .enter()
      .hear(assigned(4711))
      .link('waiting', { retryAt: 0, code: 1006 });
    page.link('open').hear(welcome({ resumed: true }), members(0, [{ ...ME, state: 'away' }]));
    page.hear({ type: 'presence', member: { ...ME, state: 'waiting' } }, queued(1), assigned(4720));
    assert.deepEqual(page.texts, ['assigned']);
  });

  it('is told again after a reconnect, which is no news', () => {
    const page = new Page()
      .enter()
      .hear(assigned(4711))
      .link('waiting', { retryAt: 0, code: 1006 });
    page.link('open').hear(welcome({ resumed: true }), members(0), assigned(4711));
    assert.deepEqual(page.texts, []);
  });

  it('is gone when the list of members says so', () => {
    const page = new Page().enter().hear(assigned(4711), members(0, [{ ...ME, state: 'reading' }]));
    assert.equal(page.state.seat.kind, 'none');
  });

  it('goes to a new worker when the old one died, and the list says so', () => {
    const page = new Page().enter().hear(assigned(4711)).say('crash', 'r1');
    page.hear({ type: 'interrupted', reason: 'worker-crashed', ref: 'r1', text: 'died' });
    assert.equal(page.state.seat.kind, 'replaced');
    assert.deepEqual(page.outbox, ['crash: failed']);
    page.hear(queued(1));
    assert.equal(page.state.seat.kind, 'queued');
    page.hear(assigned(4720));
    assert.deepEqual(page.texts, ['died', 'assigned']);
    assert.equal(page.items[0].pid, 4711);
    assert.equal(page.items[1].pid, 4720);
    assert.deepEqual(
      page.announced.map((item) => item.kind),
      ['interrupted', 'assigned'],
    );
  });
});

describe('An answer', () => {
  const open = () =>
    new Page()
      .enter({ conversation: 'jshell' })
      .hear({ type: 'assigned', worker: { slot: 'chat-1', pid: 4712 }, waitedMillis: 0 })
      .say('1+1', 'r1')
      .hear(asked(1, '1+1', { ref: 'r1' }));

  it('is awaited and can be stopped', () => {
    const page = open();
    assert.equal(isRunning(page.state), true);
    page.hear(answer(2, 1, '2'), { type: 'done', replyTo: 1, runMillis: 12 });
    assert.equal(isRunning(page.state), false);
    assert.equal(page.items[1].runMillis, 12);
  });

  it('grows in its place, and what comes meanwhile stands below', () => {
    const page = open().hear(delta(1, 0, 'a'), message(2, 'meanwhile'), delta(1, 1, 'b'));
    assert.deepEqual(page.texts, ['1+1', 'ab', 'meanwhile']);
    assert.deepEqual(
      page.announced.map((item) => item.text),
      ['meanwhile'],
    );
    const { key } = page.items[1];
    page.hear(answer(3, 1, 'abc'), { type: 'done', replyTo: 1, runMillis: 5 });
    assert.deepEqual(page.texts, ['1+1', 'abc', 'meanwhile']);
    assert.equal(page.items[1].key, key);
    assert.deepEqual(
      page.announced.map((item) => item.text),
      ['meanwhile', 'abc'],
    );
  });

  it('takes a part that comes twice once', () => {
    const page = open().hear(delta(1, 0, 'a'), delta(1, 0, 'a'), delta(1, 1, 'b'));
    assert.equal(page.texts[1], 'ab');
  });

  it('is cut short with its worker', () => {
    const page = open().hear(delta(1, 0, 'a'));
    page.hear({ type: 'interrupted', reason: 'memory-limit', replyTo: 1, text: 'too much' });
    page.hear({ type: 'done', replyTo: 1, runMillis: 9 });
    assert.equal(page.items[1].broken, true);
    assert.equal(isRunning(page.state), false);
    assert.equal(page.state.seat.kind, 'replaced');
    assert.deepEqual(page.texts, ['1+1', 'a', 'too much']);
  });

  it('that was stopped or took too long leaves the worker until the server says otherwise', () => {
    const page = open().hear(delta(1, 0, 'a'));
    page.hear({ type: 'interrupted', reason: 'cancelled', replyTo: 1, text: 'stopped' });
    assert.equal(page.state.seat.kind, 'talking');
    assert.equal(page.items[1].broken, true);
    page.hear(
      { type: 'presence', member: { ...ME, state: 'reading' } },
      { type: 'presence', member: { ...ME, state: 'waiting' } },
      { type: 'assigned', worker: { slot: 'chat-3', pid: 4720 }, waitedMillis: 3 },
    );
    assert.equal(page.items.at(-1).kind, 'assigned');
  });

  it('without a word is told of, so that nobody waits for it', () => {
    const page = open().hear({ type: 'done', replyTo: 1, runMillis: 7 });
    assert.equal(page.items.at(-1).kind, 'silent');
    assert.equal(isRunning(page.state), false);
  });

  it('to somebody else that ends without its message stops growing', () => {
    const page = new Page().enter({ seq: 1, messages: [message(1, 'q')] });
    page.hear(delta(1, 0, 'a'), { type: 'done', replyTo: 1, runMillis: 7 });
    assert.equal(page.items[1].running, false);
  });

  it('that failed says why, in the list', () => {
    const page = open();
    page.hear({
      type: 'error',
      ref: 'r1',
      problem: { type: '/problems/turn-failed', title: 'Failed', detail: 'boom' },
    });
    assert.equal(page.items.at(-1).kind, 'problem');
    assert.equal(isRunning(page.state), false);
  });

  it('to somebody else is nothing to stop', () => {
    const page = new Page().enter({ seq: 1, messages: [message(1, 'q')] }).hear(delta(1, 0, 'a'));
    assert.equal(isRunning(page.state), false);
  });

  it('in relay, where the words themselves come back, can be stopped when they take long', () => {
    const page = new Page()
      .enter()
      .hear({ type: 'assigned', worker: { slot: 's', pid: 1 }, waitedMillis: 0 });
    page.do({ type: 'tick', now: NOON }).say('slow', 'r1');
    assert.equal(isRunning(page.state), false);
    page.do({ type: 'tick', now: NOON + 2000 });
    assert.equal(isRunning(page.state), true);
    page.hear(mine(1, 'slow', { ref: 'r1' }));
    assert.equal(isRunning(page.state), false);
  });
});

describe('What nobody has seen', () => {
  it('is counted from where it began, until somebody looks', () => {
    const page = new Page().enter().hear(message(1, 'one')).look(false, true);
    page.hear(message(2, 'two'), message(3, 'three'));
    assert.deepEqual(page.state.unread, { count: 2, marker: '0:2' });
    page.look(true, true);
    assert.deepEqual(page.state.unread, { count: 0, marker: '0:2' });
  });

  it('begins anew after the next time nobody looked', () => {
    const page = new Page().enter().look(false, true).hear(message(1, 'one')).look(true, true);
    page.hear(message(2, 'two')).look(true, false).hear(message(3, 'three'));
    assert.deepEqual(page.state.unread, { count: 1, marker: '0:3' });
  });

  it('does not count what was said here, nor who comes and goes', () => {
    const page = new Page().enter().look(false, true).hear(mine(1, 'x'));
    page.hear({ type: 'joined', room: 'lobby', seq: 2, ts: at(2), member: BOB });
    assert.equal(page.state.unread.count, 0);
  });

  it('counts an answer once, however many parts it has', () => {
    const page = new Page().enter({ seq: 1, messages: [asked(1, 'q')] }).look(false, true);
    page.hear(delta(1, 0, 'a'), delta(1, 1, 'b'), answer(2, 1, 'ab'));
    assert.equal(page.state.unread.count, 1);
  });

  it('is seen by whoever writes', () => {
    const page = new Page().enter().look(true, false).hear(message(1, 'one')).say('x');
    assert.deepEqual(page.state.unread, { count: 0, marker: null });
  });
});

describe('Older messages', () => {
  const page = () =>
    new Page().enter({
      seq: 100,
      messages: range(51, 100).map((seq) => message(seq, `m${seq}`)),
      more: true,
    });

  it('are asked for once, before the oldest shown', () => {
    const one = page().do({ type: 'older' }).do({ type: 'older' });
    assert.deepEqual(
      one.sent.filter((frame) => frame.type === 'history'),
      [{ type: 'history', before: 51, limit: 50 }],
    );
    one.hear(history(range(1, 50).map((seq) => message(seq, `m${seq}`))));
    assert.deepEqual(
      one.texts,
      range(1, 100).map((seq) => `m${seq}`),
    );
    assert.equal(one.state.room.more, false);
    one.do({ type: 'older' });
    assert.equal(one.sent.filter((frame) => frame.type === 'history').length, 1);
  });

  it('are not asked for without a connection', () => {
    const one = page().link('waiting', { retryAt: 0, code: 1006 }).do({ type: 'older' });
    assert.equal(
      one.sent.some((frame) => frame.type === 'history'),
      false,
    );
  });

  it('go when there are too many, and can be loaded again', () => {
    const one = page();
    range(101, 1100).forEach((seq) => one.hear(message(seq, `m${seq}`)));
    assert.equal(one.items.length, MOST_ITEMS);
    assert.equal(one.texts[0], 'm101');
    assert.equal(one.state.room.more, true);
  });

  it('stay for whoever reads them, and the newest wait until he comes back', () => {
    const one = page().look(true, false);
    range(101, 1200).forEach((seq) => one.hear(message(seq, `m${seq}`)));
    assert.equal(one.items.length, MOST_ITEMS);
    assert.equal(one.texts[0], 'm51');
    assert.equal(one.state.room.cut, true);
    assert.equal(one.state.unread.count, 1100);
    one.do({ type: 'newest' });
    assert.deepEqual(one.sent.at(-1), { type: 'history', limit: 50 });
    one.hear(
      history(
        range(1151, 1200).map((seq) => message(seq, `m${seq}`)),
        true,
      ),
    );
    assert.equal(one.texts.at(-1), 'm1200');
    assert.equal(one.state.room.cut, false);
    one.hear(message(1201, 'next'));
    assert.equal(one.texts.at(-1), 'next');
  });
});

describe('What else the server says', () => {
  it('is shown as a line for the user alone', () => {
    const page = new Page().enter().hear({ type: 'notice', code: 'idle', text: 'quiet' });
    assert.deepEqual(page.texts, ['quiet']);
    assert.deepEqual(
      page.announced.map((item) => item.code),
      ['idle'],
    );
  });

  it('is a warning only for as long as it helps', () => {
    const idle = { type: 'notice', code: 'idle', text: 'quiet' };
    const page = new Page().enter().hear(idle).do({ type: 'stay' });
    assert.deepEqual(page.sent.at(-1), { type: 'rooms' });
    assert.deepEqual(page.texts, []);
    page.hear(idle).say('here');
    assert.deepEqual(page.texts, []);
    page.hear(idle).link('ended', { code: 4008 });
    assert.deepEqual(page.texts, []);
  });

  it('can be that it is about to end', () => {
    const page = new Page().enter().hear({ type: 'draining', reconnectInMillis: 3000 });
    assert.equal(page.state.draining, true);
    page.link('waiting', { retryAt: 0, code: 1012, draining: true });
    assert.equal(page.state.draining, false);
  });

  it('goes to whoever asked, if it has his ref', () => {
    const page = new Page().enter();
    page.hear({ type: 'ack', ref: 'n1' });
    page.hear({
      type: 'error',
      ref: 'n2',
      problem: { type: '/problems/nick-taken', title: 'Taken' },
    });
    assert.equal(page.answered[0].answered, 'n1');
    assert.equal(page.answered[0].problem, null);
    assert.equal(page.answered[1].problem.slug, 'nick-taken');
  });

  it('is an alert if it is a problem of nothing in particular', () => {
    const page = new Page().enter();
    page.hear({ type: 'error', problem: { type: '/problems/bad-message', title: 'Bad' } });
    assert.equal(page.state.alert.problem.slug, 'bad-message');
    page.do({ type: 'dismiss' });
    assert.equal(page.state.alert, null);
  });

  it('is passed over if this page is too old to know it', () => {
    const page = new Page().enter();
    const before = page.state;
    page.hear({ type: 'hologram' });
    assert.equal(page.state.room, before.room);
  });
});

describe('A state', () => {
  it('is never changed, only followed by another', () => {
    const freeze = (value) => {
      if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
        Object.freeze(value);
        Object.values(value).forEach(freeze);
      }
      return value;
    };
    const page = new Page();
    const plain = page.do.bind(page);
    page.do = (event) => {
      freeze(page.state);
      return plain(event);
    };
    page
      .enter({ seq: 1, messages: [message(1, 'one')] })
      .say('x', 'r')
      .hear(mine(2, 'x', { ref: 'r' }));
    page.hear(delta(2, 0, 'a'), delta(2, 1, 'b'), answer(3, 2, 'ab'), {
      type: 'done',
      replyTo: 2,
      runMillis: 1,
    });
    page.link('waiting', { retryAt: 0, code: 1006 });
    page.enter({ seq: 1, id: 'me3', messages: [] });
    assert.equal(page.state.room.epoch, 1);
  });
});

describe('Whatever the order of breaks, repeats and history', () => {
  /** A small generator of numbers, the same for the same seed. */
  const chance = (seed) => () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };

  for (const seed of range(1, 60)) {
    it(`every message is shown once and in order, seed ${seed}`, () => {
      const random = chance(seed);
      const log = range(1, 5).map((seq) => message(seq, `m${seq}`));
      const page = new Page().enter({ seq: 5, messages: log.slice(-3), more: true });
      let isOpen = true;
      for (let step = 0; step < 80; step++) {
        const dice = random();
        if (dice < 0.5) {
          log.push(message(log.length + 1, `m${log.length + 1}`));
          if (isOpen) {
            page.hear(log.at(-1));
          }
        } else if (dice < 0.6 && isOpen) {
          page.hear(log.at(-1), page.items.length > 3 ? log.at(-2) : log.at(-1));
        } else if (dice < 0.75 && isOpen) {
          page.link('waiting', { retryAt: 0, code: 1006 });
          isOpen = false;
        } else if (dice < 0.9 && !isOpen) {
          page.link('open');
          const { lastSeq } = page.state.room;
          const kept = Math.floor(random() * 4) === 0 ? 3 : 200;
          const missed = Math.max(0, log.length - kept - lastSeq);
          page.hear(welcome({ resumed: true, seq: log.length, missed }), members(log.length));
          log.slice(lastSeq + missed).forEach((frame) => page.hear(frame));
          isOpen = true;
        } else if (isOpen) {
          page.do({ type: 'older' });
        }
        const request = page.sent.findLast((frame) => frame.type === 'history');
        if (isOpen && request !== undefined && page.state.room.loading) {
          const older = log.filter((one) => one.seq < (request.before ?? Infinity));
          page.hear(history(older.slice(-request.limit), older.length > request.limit));
        }
      }
      const seqs = page.items.filter((item) => item.seq !== undefined).map((item) => item.seq);
      const last = isOpen ? log.length : page.state.room.lastSeq;
      assert.deepEqual(seqs, range(seqs[0] ?? last + 1, last), `seed ${seed}`);
    });
  }
});
