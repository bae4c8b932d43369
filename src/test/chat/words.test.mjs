import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  LANGUAGES,
  dayName,
  fill,
  preferred,
  timeOfDay,
} from '../../main/resources/META-INF/resources/chat/words.js';

const { en, zh } = LANGUAGES;

describe('The two languages', () => {
  const shape = (value) => {
    if (Array.isArray(value)) {
      return value.map(shape);
    }
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, shape(value[key])]),
      );
    }
    return typeof value;
  };

  it('say the same things', () => {
    const withoutKinds = (value) =>
      JSON.stringify(shape(value)).replaceAll('"function"', '"string"');
    assert.equal(withoutKinds(zh), withoutKinds(en));
  });

  it('have the same places for names and numbers', () => {
    const places = (text) => (text.match(/\{\w+\}/gu) ?? []).sort();
    const compare = (one, other, path) => {
      for (const key of Object.keys(one)) {
        if (typeof one[key] === 'string' && typeof other[key] === 'string') {
          assert.deepEqual(places(one[key]), places(other[key]), `${path}.${key}`);
        } else if (typeof one[key] === 'object') {
          compare(one[key], other[key], `${path}.${key}`);
        }
      }
    };
    compare(en, zh, 'words');
  });

  it('use the punctuation that belongs to them', () => {
    const texts = [];
    const collect = (value) =>
      typeof value === 'string'
        ? texts.push(value)
        : typeof value === 'object' && Object.values(value).forEach(collect);
    collect(zh);
    const wrong = texts.filter((text) =>
      /[\u4e00-\u9fff][,;:!?()]|[,;:!?(][\u4e00-\u9fff]/u.test(text),
    );
    assert.deepEqual(wrong, []);
  });

  it('have words for every close that ends a conversation', () => {
    for (const code of [1000, 1008, 4008, 4029, 4090, 4403]) {
      assert.equal(typeof en.ended[code], 'string');
    }
    assert.match(en.ended.other(1009), /1009/u);
  });
});

describe('English', () => {
  it('counts places', () => {
    assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 22, 101].map(en.place), [
      '1st',
      '2nd',
      '3rd',
      '4th',
      '11th',
      '12th',
      '13th',
      '21st',
      '22nd',
      '101st',
    ]);
  });

  it('says how long something takes', () => {
    assert.deepEqual([0.2, 734, 1000, 1500, 42_000, 95_000, 600_000].map(en.span), [
      '1 ms',
      '734 ms',
      '1 s',
      '1.5 s',
      '42 s',
      '2 min',
      '10 min',
    ]);
  });

  it('knows one from many', () => {
    assert.equal(en.joined(1), '{who} has joined');
    assert.equal(en.joined(2), '{who} have joined');
    assert.equal(en.jumpNew(1), '1 new message');
  });

  it('puts sentences together', () => {
    assert.equal(
      en.sentences('That was too fast', 'Try again in 5 s'),
      'That was too fast. Try again in 5 s.',
    );
    assert.equal(en.sentences('That was too fast.'), 'That was too fast.');
  });
});

describe('Chinese', () => {
  it('says how long something takes', () => {
    assert.deepEqual([734, 1500, 95_000].map(zh.span), ['734 毫秒', '1.5 秒', '2 分钟']);
  });
});

describe('A text with places', () => {
  it('is cut at them', () => {
    assert.deepEqual(fill('{was} is now {who}', { was: 'a', who: 'b' }), ['a', ' is now ', 'b']);
  });

  it('keeps places that nobody filled', () => {
    assert.deepEqual(fill('{x} y', {}), ['{x}', ' y']);
  });
});

describe('The language of a browser', () => {
  it('is the first of its languages that the page has', () => {
    assert.equal(preferred(['fr-FR', 'zh-TW', 'en']), 'zh');
    assert.equal(preferred(['en-GB', 'zh']), 'en');
    assert.equal(preferred(['fr']), 'en');
    assert.equal(preferred([]), 'en');
  });
});

describe('Times', () => {
  const now = new Date(2026, 1, 3, 9, 5);

  it('have days by name', () => {
    assert.equal(dayName(new Date(2026, 1, 3, 0, 0), now, 'en'), 'Today');
    assert.equal(dayName(new Date(2026, 1, 2, 23, 59), now, 'zh'), '昨天');
    assert.match(dayName(new Date(2026, 0, 30), now, 'en'), /Friday,? 30 January$/u);
    assert.match(dayName(new Date(2025, 11, 31), now, 'zh'), /2025年12月31日/u);
  });

  it('have hours and minutes', () => {
    assert.equal(timeOfDay(now, 'en'), '09:05');
    assert.equal(timeOfDay(now, 'zh'), '09:05');
  });
});
