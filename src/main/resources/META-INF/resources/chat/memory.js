// What the page remembers: in the tab (its session, its drafts, what was not sent) and in the
// browser (nick, language, theme).

const PREFIX = 'processpool.chat.';

/**
 * A small store of JSON values by name. A browser may refuse storage altogether or be full; then
 * values last as long as the page.
 */
export class Memory {
  #storage;
  #fallback = new Map();

  /** @param {() => Storage} storage asked once; may throw, as browsers do that refuse it */
  constructor(storage) {
    try {
      this.#storage = storage();
    } catch {
      this.#storage = null; // refused, so the map has to do
    }
  }

  /** The value kept under a name, or `otherwise`. */
  get(name, otherwise = null) {
    try {
      const text = this.#fallback.get(name) ?? this.#storage?.getItem(PREFIX + name) ?? null;
      return text === null ? otherwise : JSON.parse(text);
    } catch {
      return otherwise; // somebody else wrote there, or reading is refused
    }
  }

  /** Keeps a value; `null` forgets it. */
  set(name, value) {
    this.#fallback.delete(name);
    try {
      if (value === null) {
        this.#storage?.removeItem(PREFIX + name);
      } else if (this.#storage === null) {
        this.#fallback.set(name, JSON.stringify(value));
      } else {
        this.#storage.setItem(PREFIX + name, JSON.stringify(value));
      }
    } catch {
      // full or refused now: the map has it for as long as the page lives
      this.#fallback.set(name, JSON.stringify(value));
    }
  }

  /** Forgets everything that this page keeps there. */
  forgetAll() {
    this.#fallback.clear();
    try {
      const names = Array.from({ length: this.#storage?.length ?? 0 }, (_, index) =>
        this.#storage.key(index),
      );
      for (const name of names) {
        if (name.startsWith(PREFIX)) {
          this.#storage.removeItem(name);
        }
      }
    } catch {
      // refused: then there is nothing to forget
    }
  }
}

/**
 * Keeps two tabs from resuming one session: a duplicated tab starts with a copy of the other's
 * memory. Each tab answers for the tag of the session it holds. The tag is no secret.
 */
export class Tabs {
  #channel;
  #clock;
  #held = null;
  #asked = new Map();

  /**
   * @param {?BroadcastChannel} channel null where the browser has none; then nobody is ever heard
   * @param {{setTimeout: Function, clearTimeout: Function}} clock
   */
  constructor(channel, clock) {
    this.#channel = channel;
    this.#clock = clock;
    if (channel !== null) {
      channel.onmessage = (event) => this.#hear(event.data);
    }
  }

  /** From now on this tab answers for the tag; null answers for nothing. */
  hold(tag) {
    this.#held = tag;
  }

  /** Asks the other tabs whether one of them holds the tag, and waits a moment for a yes. */
  isHeldElsewhere(tag, patience = 200) {
    if (this.#channel === null) {
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => {
        this.#asked.delete(tag);
        resolve(false);
      }, patience);
      this.#asked.set(tag, () => {
        this.#clock.clearTimeout(timer);
        this.#asked.delete(tag);
        resolve(true);
      });
      this.#channel.postMessage({ ask: tag });
    });
  }

  #hear(data) {
    if (data.ask !== undefined && data.ask === this.#held) {
      this.#channel.postMessage({ held: data.ask });
    } else if (data.held !== undefined) {
      this.#asked.get(data.held)?.();
    }
  }
}
