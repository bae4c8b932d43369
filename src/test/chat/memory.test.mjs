import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Memory, Tabs } from '../../main/resources/META-INF/resources/chat/memory.js';
import { HandClock } from './clock.mjs';
import { MapStorage } from './storage.mjs';

describe('Memory', () => {
  it('gives back what it was given, under a name of its own', () => {
    const storage = new MapStorage();
    const memory = new Memory(() => storage);
    memory.set('draft.lobby', '你好');
    assert.equal(memory.get('draft.lobby'), '你好');
    assert.equal(storage.getItem('processpool.chat.draft.lobby'), '"你好"');
  });

  it('gives the default for what it does not have or was told to forget', () => {
    const memory = new Memory(() => new MapStorage());
    assert.equal(memory.get('nick'), null);
    assert.equal(memory.get('theme', 'auto'), 'auto');
    memory.set('theme', 'dark');
    memory.set('theme', null);
    assert.equal(memory.get('theme', 'auto'), 'auto');
  });

  it('lasts as long as the page where the browser refuses storage', () => {
    const memory = new Memory(() => {
      throw new Error('SecurityError');
    });
    memory.set('nick', 'alice');
    assert.equal(memory.get('nick'), 'alice');
    memory.set('nick', null);
    assert.equal(memory.get('nick'), null);
  });

  it('lasts as long as the page where storage is full', () => {
    const storage = new MapStorage();
    storage.setItem = () => {
      throw new Error('QuotaExceededError');
    };
    const memory = new Memory(() => storage);
    memory.set('nick', 'alice');
    assert.equal(memory.get('nick'), 'alice');
  });

  it('forgets all of its own at once, and nothing of others', () => {
    const storage = new MapStorage();
    storage.setItem('other', '1');
    const memory = new Memory(() => storage);
    memory.set('token', 'pp_a');
    memory.set('draft.lobby', 'hello');
    memory.forgetAll();
    assert.equal(memory.get('token'), null);
    assert.equal(memory.get('draft.lobby'), null);
    assert.equal(storage.getItem('other'), '1');
    assert.equal(storage.length, 1);
  });

  it('forgets all also where the browser refuses storage', () => {
    const memory = new Memory(() => {
      throw new Error('SecurityError');
    });
    memory.set('token', 'pp_a');
    memory.forgetAll();
    assert.equal(memory.get('token'), null);
  });

  it('passes over what somebody else wrote there', () => {
    const storage = new MapStorage();
    storage.setItem('processpool.chat.nick', '{not json');
    assert.equal(new Memory(() => storage).get('nick', 'guest'), 'guest');
  });
});

describe('Two tabs', () => {
  const channels = () => {
    const all = [];
    return () => {
      const channel = {
        postMessage: (data) =>
          all.filter((other) => other !== channel).forEach((other) => other.onmessage({ data })),
      };
      all.push(channel);
      return channel;
    };
  };

  it('find out that one of them holds the session that was copied to the other', async () => {
    const open = channels();
    const clock = new HandClock();
    const first = new Tabs(open(), clock);
    const copy = new Tabs(open(), clock);
    first.hold('tag-1');
    assert.equal(await copy.isHeldElsewhere('tag-1'), true);
  });

  it('find out that nobody holds it any more', async () => {
    const open = channels();
    const clock = new HandClock();
    const first = new Tabs(open(), clock);
    const second = new Tabs(open(), clock);
    first.hold('tag-1');
    first.hold(null);
    const answer = second.isHeldElsewhere('tag-1');
    clock.pass(200);
    assert.equal(await answer, false);
  });

  it('go on without asking where the browser has no way to', async () => {
    assert.equal(await new Tabs(null, new HandClock()).isHeldElsewhere('tag-1'), false);
  });
});
