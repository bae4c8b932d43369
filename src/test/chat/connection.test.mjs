import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';

import {
  Connection,
  delayBefore,
  isTriedAgain,
} from '../../main/resources/META-INF/resources/chat/connection.js';
import { HandClock, HandSocket } from './clock.mjs';

const WELCOME = { type: 'welcome', session: 's', id: 'm1', resumed: false };

describe('The delay before another try', () => {
  const middle = () => 0.5;

  it('is a second at first and doubles up to thirty', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 20].map((attempt) => delayBefore(attempt, middle));
    assert.deepEqual(delays, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  });

  it('is up to half shorter or longer, so that pages do not come back together', () => {
    assert.equal(
      delayBefore(2, () => 0),
      2000,
    );
    assert.equal(
      delayBefore(2, () => 1),
      6000,
    );
  });
});

describe('A close code', () => {
  it('leads to another try after a stop, a loss, a bug, a restart and a full line', () => {
    assert.deepEqual(
      [1001, 1006, 1011, 1012, 1013].filter(isTriedAgain),
      [1001, 1006, 1011, 1012, 1013],
    );
  });

  it('leads to none after a goodbye, a refusal or anything that somebody decided', () => {
    assert.deepEqual(
      [1000, 1003, 1007, 1008, 1009, 4000, 4001, 4008, 4029, 4090, 4403].filter(isTriedAgain),
      [],
    );
  });
});

describe('A connection', () => {
  let clock;
  let frames;
  let links;
  let line;
  /** What is answered to whoever asks to be let in; with null a test answers later by `ask`. */
  let entry;
  let ask;
  let asked;

  beforeEach(() => {
    entry = { kind: 'open', url: 'ws://here/chat' };
    asked = 0;
    HandSocket.made = [];
    clock = new HandClock();
    frames = [];
    links = [];
    line = new Connection({
      admit: (answer) => {
        asked++;
        if (entry !== null) {
          answer(entry);
        }
        ask = answer;
        return () => {
          ask = null;
        };
      },
      WebSocket: HandSocket,
      clock,
      random: () => 0.5,
      hello: () => ({ type: 'hello', lang: 'en' }),
      onFrame: (frame) => frames.push(frame),
      onLink: (link) => links.push(link),
    });
    line.start();
  });

  const greet = () => {
    HandSocket.last.open();
    HandSocket.last.say(WELCOME);
  };
  const types = () => HandSocket.last.sent.map((frame) => frame.type);

  it('offers the protocol and greets first', () => {
    assert.equal(HandSocket.last.protocol, 'processpool.chat.v1');
    HandSocket.last.open();
    assert.deepEqual(HandSocket.last.sent, [{ type: 'hello', lang: 'en' }]);
  });

  it('is open only once it was welcomed', () => {
    HandSocket.last.open();
    assert.equal(line.send({ type: 'rooms' }), false);
    HandSocket.last.say(WELCOME);
    assert.equal(line.send({ type: 'rooms' }), true);
    assert.deepEqual(
      links.map((link) => link.phase),
      ['connecting', 'open'],
    );
    assert.deepEqual(frames, [WELCOME]);
  });

  it('dials again after a loss, later each time', () => {
    HandSocket.last.end(1006);
    assert.deepEqual(links.at(-1), {
      phase: 'waiting',
      attempt: 1,
      retryAt: 1000,
      code: 1006,
      draining: false,
    });
    clock.pass(999);
    assert.equal(HandSocket.made.length, 1);
    clock.pass(1);
    assert.equal(HandSocket.made.length, 2);
    HandSocket.last.end(1006);
    clock.pass(1999);
    assert.equal(HandSocket.made.length, 2);
    clock.pass(1);
    assert.equal(HandSocket.made.length, 3);
  });

  it('counts from the first again after it has held for thirty seconds', () => {
    HandSocket.last.end(1006);
    clock.pass(1000);
    greet();
    clock.pass(29_999);
    HandSocket.last.say({ type: 'pong' });
    HandSocket.last.end(1006);
    assert.equal(links.at(-1).attempt, 2);
    clock.pass(2000);
    greet();
    clock.pass(30_000);
    HandSocket.last.end(1006);
    assert.equal(links.at(-1).attempt, 1);
  });

  it('comes back when a draining server said so', () => {
    greet();
    HandSocket.last.say({ type: 'draining', reconnectInMillis: 7300 });
    HandSocket.last.end(1012);
    assert.equal(links.at(-1).draining, true);
    clock.pass(7299);
    assert.equal(HandSocket.made.length, 1);
    clock.pass(1);
    assert.equal(HandSocket.made.length, 2);
  });

  it('waits as usual if the try after a drain fails', () => {
    greet();
    HandSocket.last.say({ type: 'draining', reconnectInMillis: 7300 });
    HandSocket.last.end(1012);
    clock.pass(7300);
    HandSocket.last.end(1006);
    assert.equal(links.at(-1).draining, false);
    assert.equal(links.at(-1).retryAt, 9300);
  });

  it('dials at once when something has changed for the better', () => {
    HandSocket.last.end(1006);
    line.nudge();
    assert.equal(HandSocket.made.length, 2);
    clock.pass(5000);
    assert.equal(HandSocket.made.length, 2, 'and not a second time when the delay is over');
  });

  it('asks whether anybody is there when nudged, and dials again if nobody is', () => {
    greet();
    line.nudge();
    assert.deepEqual(types(), ['hello', 'ping']);
    const first = HandSocket.last;
    clock.pass(8000);
    assert.equal(first.isClosed, true);
    assert.equal(links.at(-1).phase, 'waiting');
  });

  it('asks after a long silence, and any frame is an answer', () => {
    greet();
    clock.pass(25_000);
    assert.deepEqual(types(), ['hello', 'ping']);
    HandSocket.last.say({ type: 'pong' });
    clock.pass(24_999);
    assert.equal(links.at(-1).phase, 'open');
    assert.deepEqual(types(), ['hello', 'ping']);
  });

  it('does not wait for ever to be let in', () => {
    HandSocket.last.open();
    clock.pass(10_000);
    assert.equal(links.at(-1).phase, 'waiting');
    assert.equal(HandSocket.last.isClosed, true);
  });

  it('does not hear what an abandoned line says', () => {
    greet();
    const first = HandSocket.last;
    line.nudge();
    clock.pass(8000);
    first.say({ type: 'rooms', rooms: [] });
    first.end(1000);
    assert.deepEqual(frames, [WELCOME]);
    assert.equal(links.at(-1).phase, 'waiting');
  });

  it('ends with the code when somebody decided so, and dials again only when told to', () => {
    greet();
    HandSocket.last.end(4090, 'opened elsewhere');
    assert.deepEqual(links.at(-1), {
      phase: 'ended',
      code: 4090,
      reason: 'opened elsewhere',
      byMe: false,
    });
    line.nudge();
    clock.pass(60_000);
    assert.equal(HandSocket.made.length, 1);
    line.start();
    assert.equal(HandSocket.made.length, 2);
  });

  it('says goodbye and stays away', () => {
    greet();
    line.leave();
    assert.deepEqual(types(), ['hello', 'bye']);
    assert.equal(line.send({ type: 'rooms' }), false);
    HandSocket.last.end(1000);
    assert.deepEqual(links.at(-1), { phase: 'ended', code: 1000, reason: '', byMe: true });
  });

  it('does not wait for ever for the answer to its goodbye', () => {
    greet();
    line.leave();
    clock.pass(2000);
    assert.equal(links.at(-1).phase, 'ended');
  });

  it('can be left while it waits to dial', () => {
    HandSocket.last.end(1006);
    line.leave();
    assert.equal(links.at(-1).byMe, true);
    clock.pass(60_000);
    assert.equal(HandSocket.made.length, 1);
  });

  it('says goodbye and comes back as somebody new', () => {
    greet();
    line.restart();
    assert.deepEqual(types(), ['hello', 'bye']);
    HandSocket.last.end(1000);
    assert.equal(HandSocket.made.length, 2);
    greet();
    assert.equal(links.at(-1).phase, 'open');
  });

  it('passes over what is no JSON', () => {
    greet();
    HandSocket.last.onmessage({ data: '* you are guest-1' });
    assert.equal(links.at(-1).phase, 'open');
  });

  it('asks to be let in before each dialling, and dials where it is told', () => {
    assert.equal(HandSocket.last.url, 'ws://here/chat');
    entry = { kind: 'open', url: 'ws://here/chat?ticket=two' };
    HandSocket.last.end(1006);
    clock.pass(1000);
    assert.equal(asked, 2);
    assert.equal(HandSocket.last.url, 'ws://here/chat?ticket=two');
  });

  it('waits as after any loss if nobody answers whether it may come in', () => {
    entry = { kind: 'failed' };
    HandSocket.last.end(1006);
    clock.pass(1000);
    assert.equal(HandSocket.made.length, 1);
    assert.equal(links.at(-1).phase, 'waiting');
    assert.equal(links.at(-1).attempt, 2);
    entry = { kind: 'open', url: 'ws://here/chat' };
    clock.pass(2000);
    assert.equal(HandSocket.made.length, 2);
  });

  it('does not wait for ever for the answer whether it may come in', () => {
    entry = null;
    HandSocket.last.end(1006);
    clock.pass(1000);
    assert.notEqual(ask, null);
    clock.pass(10_000);
    assert.equal(ask, null, 'the question is taken back');
    assert.equal(links.at(-1).phase, 'waiting');
  });

  it('stays outside when barred, until somebody has done something about it', () => {
    entry = { kind: 'barred', why: 'no-token', name: null };
    HandSocket.last.end(1006);
    clock.pass(1000);
    assert.deepEqual(links.at(-1), { phase: 'barred', why: 'no-token', name: null });
    line.nudge();
    clock.pass(600_000);
    assert.equal(asked, 2);
    assert.equal(HandSocket.made.length, 1);
    entry = { kind: 'open', url: 'ws://here/chat' };
    line.start();
    assert.equal(HandSocket.made.length, 2);
    greet();
    assert.equal(links.at(-1).phase, 'open');
  });

  it('can be left when barred, and while it asks to be let in', () => {
    entry = { kind: 'barred', why: 'role', name: 'alice' };
    HandSocket.last.end(1006);
    clock.pass(1000);
    line.leave();
    assert.deepEqual(links.at(-1), { phase: 'ended', code: 1000, reason: '', byMe: true });
    entry = null;
    line.start();
    line.leave();
    assert.equal(ask, null);
    assert.equal(links.at(-1).phase, 'ended');
    clock.pass(60_000);
    assert.equal(HandSocket.made.length, 1);
  });
});
