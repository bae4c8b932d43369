// The box one writes in: when Enter sends, how long a text may be, what is kept of it.

import { codePoints } from './text.js';

/** Safari ends a composition before it tells of the Enter that ended it; a hand is slower than this. */
const SAME_KEY_MILLIS = 40;
/** The others hear again that somebody is typing after this long. */
const TYPING_AGAIN = 4_000;
/** After so long without a key nobody is typing. */
const TYPING_OVER = 5_000;
/** From this share of the limit on the count is worth showing. */
const WORTH_COUNTING = 0.8;

/**
 * Says whether a key press sends. While an input method composes, its Enter takes a candidate:
 * browsers say so by `isComposing`, by key code 229, or only by having ended the composition in the
 * same moment.
 *
 * @param {KeyboardEvent} event
 * @param {number} composedAt time stamp of the latest end of a composition
 */
export function isSending(event, composedAt) {
  return (
    event.key === 'Enter' &&
    !event.shiftKey &&
    !event.altKey &&
    !event.isComposing &&
    event.keyCode !== 229 &&
    event.timeStamp - composedAt > SAME_KEY_MILLIS
  );
}

/** What is sent of what was written: without empty lines around it; inner and leading blanks stay. */
export function essence(text) {
  return text.replace(/^(?:[^\S\n]*\n)+/u, '').trimEnd();
}

/** What may be done with a text. */
export function verdict(text, limit) {
  const count = codePoints(essence(text));
  return {
    count,
    isEmpty: count === 0,
    over: Math.max(0, count - limit),
    isWorthCounting: count >= limit * WORTH_COUNTING,
  };
}

/** Tells when somebody begins and stops typing, and not at each key. */
export class Typing {
  #clock;
  #tell;
  #toldAt = null;
  #timer = null;

  constructor(clock, tell) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** A key was pressed and there is text, or not. */
  touched(isEmpty) {
    if (isEmpty) {
      this.stop();
      return;
    }
    const now = this.#clock.now();
    if (this.#toldAt === null || now - this.#toldAt >= TYPING_AGAIN) {
      this.#toldAt = now;
      this.#tell(true);
    }
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.stop(), TYPING_OVER);
  }

  /** Nobody types any more. A message alone does not say so: it may wait for its turn. */
  stop() {
    this.#clock.clearTimeout(this.#timer);
    if (this.#toldAt !== null) {
      this.#toldAt = null;
      this.#tell(false);
    }
  }
}

export class Composer {
  #text;
  #send;
  #count;
  #act;
  #drafts;
  #typing;

  #words = null;
  #room = null;
  #limit = Infinity;
  #isReady = false;
  #composedAt = -Infinity;

  /**
   * @param {{form: HTMLElement, text: HTMLTextAreaElement, send: HTMLElement,
   *     count: HTMLElement}} elements
   * @param {{say: Function, notReady: Function, recall: Function, typing: Function}} act
   * @param {Memory} drafts kept by room
   * @param {object} clock
   */
  constructor({ form, text, send, count }, act, drafts, clock) {
    this.#text = text;
    this.#send = send;
    this.#count = count;
    this.#act = act;
    this.#drafts = drafts;
    this.#typing = new Typing(clock, act.typing);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#say();
    });
    text.addEventListener('input', () => this.#changed());
    text.addEventListener('compositionend', (event) => {
      this.#composedAt = event.timeStamp;
    });
    text.addEventListener('keydown', (event) => this.#pressed(event));
    let width = 0;
    new ResizeObserver(([{ contentRect }]) => {
      // only another width breaks lines elsewhere; the height is what growing changes
      if (contentRect.width !== width) {
        width = contentRect.width;
        this.#grow();
      }
    }).observe(form);
  }

  focus() {
    this.#text.focus();
  }

  /** Puts the box into words and a room; the draft of that room comes with it. */
  render({ room, limit, isReady, placeholder, words }) {
    this.#words = words;
    this.#limit = limit;
    this.#isReady = isReady;
    if (room !== this.#room) {
      this.#room = room;
      this.#text.value = this.#drafts.get(`draft.${room}`, '');
      this.#grow();
    }
    if (this.#text.placeholder !== placeholder) {
      this.#text.placeholder = placeholder;
      this.#grow();
    }
    this.#judge();
  }

  #pressed(event) {
    if (isSending(event, this.#composedAt)) {
      event.preventDefault();
      this.#say();
    } else if (event.key === 'ArrowUp' && this.#text.value === '') {
      const last = this.#act.recall();
      if (last !== null) {
        event.preventDefault();
        this.#text.value = last;
        this.#changed();
      }
    }
  }

  #say() {
    const { isEmpty, over } = verdict(this.#text.value, this.#limit);
    if (isEmpty || over > 0) {
      return;
    }
    if (!this.#isReady) {
      this.#act.notReady();
      return;
    }
    const text = essence(this.#text.value);
    this.#text.value = '';
    this.#typing.stop();
    this.#changed();
    this.#act.say(text);
    this.#text.focus();
  }

  #changed() {
    const { value } = this.#text;
    this.#drafts.set(`draft.${this.#room}`, value === '' ? null : value);
    this.#grow();
    const { isEmpty } = this.#judge();
    if (this.#isReady) {
      this.#typing.touched(isEmpty);
    }
  }

  #judge() {
    const judged = verdict(this.#text.value, this.#limit);
    const isTooLong = judged.over > 0;
    this.#send.setAttribute('aria-disabled', String(judged.isEmpty || isTooLong || !this.#isReady));
    this.#text.setAttribute('aria-invalid', String(isTooLong));
    this.#count.classList.toggle('bad', isTooLong);
    this.#count.textContent = isTooLong
      ? this.#words.tooLong(judged.over)
      : judged.isWorthCounting
        ? this.#words.count(judged.count, this.#limit)
        : '';
    return judged;
  }

  #grow() {
    this.#text.style.blockSize = 'auto';
    this.#text.style.blockSize = `${this.#text.scrollHeight}px`;
  }
}
