import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';

import {
  Typing,
  essence,
  isSending,
  verdict,
} from '../../main/resources/META-INF/resources/chat/composer.js';
import { HandClock } from './clock.mjs';

describe('Enter', () => {
  const press = (more = {}) => ({
    key: 'Enter',
    keyCode: 13,
    shiftKey: false,
    altKey: false,
    isComposing: false,
    timeStamp: 1000,
    ...more,
  });

  it('sends', () => {
    assert.equal(isSending(press(), -Infinity), true);
    assert.equal(isSending(press({ ctrlKey: true }), -Infinity), true);
  });

  it('with Shift starts a new line', () => {
    assert.equal(isSending(press({ shiftKey: true }), -Infinity), false);
  });

  it('takes a candidate while an input method composes', () => {
    assert.equal(isSending(press({ isComposing: true }), -Infinity), false);
    assert.equal(isSending(press({ keyCode: 229 }), -Infinity), false);
  });

  it('takes a candidate where the composition ends just before the key is told', () => {
    assert.equal(isSending(press({ timeStamp: 1000 }), 998), false);
  });

  it('sends again a moment after a composition', () => {
    assert.equal(isSending(press({ timeStamp: 1200 }), 1000), true);
  });

  it('is the only key that sends', () => {
    assert.equal(isSending(press({ key: 'a' }), -Infinity), false);
  });
});

describe('What was written', () => {
  it('is sent without empty lines around it, and as it is within', () => {
    assert.equal(essence('\n \n  if (x) {\n\n  }\n \n'), '  if (x) {\n\n  }');
    assert.equal(essence('  你好  '), '  你好');
    assert.equal(essence(' \n\t'), '');
  });

  it('is counted in code points', () => {
    assert.deepEqual(verdict('😀😀', 10), {
      count: 2,
      isEmpty: false,
      over: 0,
      isWorthCounting: false,
    });
  });

  it('is too long by so many', () => {
    assert.equal(verdict('a'.repeat(12), 10).over, 2);
    assert.equal(verdict('a'.repeat(10), 10).over, 0);
  });

  it('is counted aloud from four fifths of the limit on', () => {
    assert.equal(verdict('a'.repeat(7), 10).isWorthCounting, false);
    assert.equal(verdict('a'.repeat(8), 10).isWorthCounting, true);
  });

  it('is empty when it has only blanks', () => {
    assert.equal(verdict(' \n ', 10).isEmpty, true);
  });
});

describe('Typing', () => {
  let clock;
  let told;
  let typing;

  beforeEach(() => {
    clock = new HandClock();
    told = [];
    typing = new Typing(clock, (on) => told.push(on));
  });

  it('is told once and not at each key', () => {
    typing.touched(false);
    clock.pass(1000);
    typing.touched(false);
    assert.deepEqual(told, [true]);
  });

  it('is told again while it goes on', () => {
    typing.touched(false);
    clock.pass(4000);
    typing.touched(false);
    assert.deepEqual(told, [true, true]);
  });

  it('ends after five seconds without a key', () => {
    typing.touched(false);
    clock.pass(5000);
    assert.deepEqual(told, [true, false]);
  });

  it('ends when the text is deleted', () => {
    typing.touched(false);
    typing.touched(true);
    assert.deepEqual(told, [true, false]);
  });

  it('ends with a message, once', () => {
    typing.touched(false);
    typing.stop();
    clock.pass(60_000);
    assert.deepEqual(told, [true, false]);
  });
});
