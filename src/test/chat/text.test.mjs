import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  codePoints,
  hue,
  initial,
  isOnlyEmoji,
  pieces,
} from '../../main/resources/META-INF/resources/chat/text.js';

const links = (text) =>
  pieces(text)
    .filter((piece) => piece.href !== undefined)
    .map((piece) => piece.text);

describe('The length of a text', () => {
  it('is counted in code points, as the server does', () => {
    assert.equal(codePoints(''), 0);
    assert.equal(codePoints('abc'), 3);
    assert.equal(codePoints('你好'), 2);
    assert.equal(codePoints('😀😀'), 2);
    assert.equal(codePoints('\ud83d'), 1);
    assert.equal(codePoints('\ude00\ud83d\ude00'), 2);
  });
});

describe('A text in pieces', () => {
  it('is whole again when they are put together', () => {
    for (const text of [
      '',
      'a',
      'see https://a.example/x, and http://b.example.',
      '(https://c.example)',
    ]) {
      assert.equal(
        pieces(text)
          .map((piece) => piece.text)
          .join(''),
        text,
      );
    }
  });

  it('has links of the web and of nothing else', () => {
    assert.deepEqual(links('https://a.example and http://b.example/x?y=z#w'), [
      'https://a.example',
      'http://b.example/x?y=z#w',
    ]);
    assert.deepEqual(links('javascript:alert(1) data:text/html,x ftp://a.example file:///etc'), []);
    assert.deepEqual(links('https:// http://'), []);
  });

  it('leaves the sentence its punctuation', () => {
    assert.deepEqual(links('Look at https://a.example/x.'), ['https://a.example/x']);
    assert.deepEqual(links('(see https://a.example/x)'), ['https://a.example/x']);
    assert.deepEqual(links('https://a.example/x_(y) is fine'), ['https://a.example/x_(y)']);
    assert.deepEqual(links('"https://a.example/x"'), ['https://a.example/x']);
  });

  it('ends a link where Chinese goes on', () => {
    assert.deepEqual(links('请看https://a.example/x，谢谢'), ['https://a.example/x']);
    assert.deepEqual(links('（https://a.example/x）'), ['https://a.example/x']);
    assert.deepEqual(links('在“https://a.example/x”里。'), ['https://a.example/x']);
  });

  it('does not take long for long texts', () => {
    const began = performance.now();
    pieces(`https://a.example/${')'.repeat(4000)}`);
    assert.ok(performance.now() - began < 5000);
  });
});

describe('Emoji alone', () => {
  it('are one to three signs and nothing else', () => {
    for (const text of ['👍', '🎉🎉', '👨‍👩‍👧', '🇨🇳', '❤️', '👍🏽 '.trim(), ' 😀 ']) {
      assert.equal(isOnlyEmoji(text), true, text);
    }
    for (const text of ['', '1', '12', '*', 'a👍', '👍👍👍👍', '好']) {
      assert.equal(isOnlyEmoji(text), false, text);
    }
  });
});

describe('The sign for a member', () => {
  it('is what a reader sees as the first character', () => {
    assert.equal(initial('alice'), 'A');
    assert.equal(initial('小明'), '小');
    assert.equal(initial('👨‍👩‍👧 family'), '👨‍👩‍👧');
    assert.equal(initial(''), '');
  });

  it('has the same colour each time, and not all have the same', () => {
    assert.equal(hue('m-1', 8), hue('m-1', 8));
    const hues = new Set(Array.from({ length: 64 }, (_, index) => hue(`member-${index}`, 8)));
    assert.equal(hues.size, 8);
  });
});
