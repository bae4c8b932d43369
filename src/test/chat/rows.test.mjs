import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { rows } from '../../main/resources/META-INF/resources/chat/rows.js';
import { blank } from '../../main/resources/META-INF/resources/chat/state.js';

const NOW = new Date(2026, 1, 3, 12, 0);

function stateOf(items, more = {}) {
  const state = blank();
  return { ...state, ...more, room: { ...state.room, items } };
}

function message(seq, { id = 'a', minutes = seq, pid = 4711, ...more } = {}) {
  const ts = new Date(2026, 1, 3, 9, minutes).toISOString();
  return {
    key: `0:${seq}`,
    kind: 'message',
    epoch: 0,
    seq,
    ts,
    from: { id, nick: id, pid },
    text: `m${seq}`,
    ...more,
  };
}

function passing(kind, seq, id, more = {}) {
  return { ...message(seq), kind, member: { id, nick: id }, ...more };
}

const kinds = (state) => rows(state, NOW, 'en').map((row) => row.kind);

describe('The rows of a list', () => {
  it('begin with a day, and another where another day begins', () => {
    const yesterday = message(1, { ts: new Date(2026, 1, 2, 23, 59).toISOString() });
    const found = rows(stateOf([yesterday, message(2)]), NOW, 'en');
    assert.deepEqual(
      found.map((row) => row.text ?? row.item.text),
      ['Yesterday', 'm1', 'Today', 'm2'],
    );
  });

  it('have a line where the unread begins', () => {
    const state = stateOf([message(1), message(2)], { unread: { count: 1, marker: '0:2' } });
    assert.deepEqual(kinds(state), ['day', 'message', 'unread', 'message']);
  });

  it('put messages of one member together that are close', () => {
    const found = rows(
      stateOf([
        message(1),
        message(2),
        message(3, { id: 'b' }),
        message(4, { id: 'b', minutes: 30 }),
      ]),
      NOW,
      'en',
    );
    assert.deepEqual(
      found.slice(1).map((row) => row.together),
      [false, true, false, false],
    );
  });

  it('say when the worker changed in between', () => {
    const found = rows(stateOf([message(1), message(2, { pid: 4720 })]), NOW, 'en');
    assert.equal(found[2].together, true);
    assert.equal(found[2].samePid, false);
  });

  it('tell of those who came in a row in one', () => {
    const found = rows(
      stateOf([
        passing('joined', 1, 'a'),
        passing('joined', 2, 'b'),
        passing('left', 3, 'c', { reason: 'bye' }),
        passing('left', 4, 'd', { reason: 'lost' }),
      ]),
      NOW,
      'en',
    );
    assert.deepEqual(
      found.slice(1).map((row) => row.members.map((member) => member.id)),
      [['a', 'b'], ['c'], ['d']],
    );
  });

  it('quote what an answer answers unless it stands just above', () => {
    const near = { ...message(2), kind: 'answer', replyTo: 1 };
    const far = { ...message(4), kind: 'answer', replyTo: 1 };
    const found = rows(stateOf([message(1), near, message(3), far]), NOW, 'en');
    assert.equal(found[2].quote, null);
    assert.equal(found[4].quote.text, 'm1');
  });

  it('end with what has not come back, of this room only', () => {
    const outbox = [
      { ref: 'r1', room: 'lobby', text: 'x', status: 'pending' },
      { ref: 'r2', room: 'java', text: 'y', status: 'unsent' },
    ];
    const found = rows(stateOf([message(1)], { outbox }), NOW, 'en');
    assert.deepEqual(
      found.map((row) => row.key),
      [`day:0:${NOW.toDateString()}`, '0:1', 'o:r1'],
    );
  });

  it('all have names of their own', () => {
    const line = { key: 'l1', kind: 'notice', ts: message(3).ts, code: 'idle', text: 'x' };
    const old = message(2, { ts: new Date(2026, 1, 2, 9, 0).toISOString() });
    const found = rows(stateOf([message(1), old, line, message(4)]), NOW, 'en');
    assert.equal(new Set(found.map((row) => row.key)).size, found.length);
  });
});
