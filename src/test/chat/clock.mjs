// A clock that a test turns by hand, and a socket that a test answers by hand.

export class HandClock {
  #now = 0;
  #timers = new Map();
  #next = 1;

  now = () => this.#now;

  setTimeout = (act, millis) => {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#now + millis, act });
    return id;
  };

  clearTimeout = (id) => {
    this.#timers.delete(id);
  };

  /** Lets time pass, and everything that is due in it happen in its order. */
  pass(millis) {
    const end = this.#now + millis;
    for (;;) {
      const due = [...this.#timers]
        .filter(([, { at }]) => at <= end)
        .sort(([, one], [, other]) => one.at - other.at)[0];
      if (due === undefined) {
        break;
      }
      const [id, { at, act }] = due;
      this.#timers.delete(id);
      this.#now = at;
      act();
    }
    this.#now = end;
  }
}

export class HandSocket {
  static made = [];

  constructor(url, protocol) {
    this.url = url;
    this.protocol = protocol;
    this.sent = [];
    this.isClosed = false;
    HandSocket.made.push(this);
  }

  static get last() {
    return HandSocket.made.at(-1);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.isClosed = true;
  }

  open() {
    this.onopen({});
  }

  say(frame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }

  end(code, reason = '') {
    this.onclose({ code, reason });
  }
}
