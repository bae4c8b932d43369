// The line to the server: one WebSocket at a time, dialled again when it breaks and the protocol
// says that another try makes sense. Clock, WebSocket and chance come from outside, so that a test
// can turn them by hand.

export const PROTOCOL = 'processpool.chat.v1';

/** Close codes after which the page tries again by itself; after all others somebody has to ask. */
const TRIED_AGAIN = new Set([1001, 1006, 1011, 1012, 1013]);

const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 30_000;
/** How long a line must have held until the next break counts as the first again. */
const STEADY = 30_000;
/** How long opening and greeting may take together. */
const PATIENCE = 10_000;
/** How long nothing may be heard before the page asks whether anybody is there. */
const QUIET = 25_000;
/** How long the answer to that may take. */
const PING_PATIENCE = 8_000;
/** How long the server may take to close after a goodbye. */
const BYE_PATIENCE = 2_000;

/** Says whether the page dials again by itself after a close with this code. */
export function isTriedAgain(code) {
  return TRIED_AGAIN.has(code);
}

/**
 * The wait before try number `attempt`, counted from 0: a second, doubled up to thirty, and then
 * half of it up to one and a half of it, so that many pages do not come back at the same moment.
 */
export function delayBefore(attempt, random) {
  const middle = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempt);
  return Math.round(middle * (0.5 + random()));
}

/**
 * What happens on the line is told to `onLink` as one of
 * `{phase: 'connecting', attempt}`, `{phase: 'open'}`, `{phase: 'barred', why, name}`,
 * `{phase: 'waiting', attempt, retryAt, code, draining}` and `{phase: 'ended', code, reason, byMe}`;
 * every frame but `pong` is told to `onFrame`, `welcome` after `open`.
 */
export class Connection {
  #admit;
  #WebSocket;
  #clock;
  #random;
  #hello;
  #onFrame;
  #onLink;

  #phase = 'idle';
  #socket = null;
  #attempt = 0;
  #drainMillis = null;
  #goodbye = null;
  #stopAsking = () => {};
  #timers = new Map();

  /**
   * @param {object} parts
   * @param {Function} parts.admit asked at each dialling: tells the function it is given where to
   *     dial, `{kind: 'open', url}`, that somebody has to do something first, `{kind: 'barred', why,
   *     name}`, or `{kind: 'failed'}`; returns what stops it, after which it tells nothing
   * @param {Function} parts.WebSocket the constructor
   * @param {{now: Function, setTimeout: Function, clearTimeout: Function}} parts.clock
   * @param {Function} parts.random between 0 and 1
   * @param {Function} parts.hello gives the first frame, asked at each dialling
   * @param {Function} parts.onFrame
   * @param {Function} parts.onLink
   */
  constructor({ admit, WebSocket, clock, random, hello, onFrame, onLink }) {
    this.#admit = admit;
    this.#WebSocket = WebSocket;
    this.#clock = clock;
    this.#random = random;
    this.#hello = hello;
    this.#onFrame = onFrame;
    this.#onLink = onLink;
  }

  /** Dials, unless there is a line already or one is being dialled. */
  start() {
    if (this.#phase !== 'connecting' && this.#phase !== 'open') {
      this.#dial();
    }
  }

  /** Something has changed for the better: dial now, or ask whether the line still holds. */
  nudge() {
    if (this.#phase === 'waiting') {
      this.#dial();
    } else if (this.#phase === 'open') {
      this.#ping();
    }
  }

  /** Sends a frame and says whether there was a line to send it on. */
  send(frame) {
    if (this.#phase !== 'open' || this.#goodbye !== null) {
      return false;
    }
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Says goodbye; the line ends, and nobody dials again by himself. */
  leave() {
    this.#sayGoodbye('leave');
  }

  /** Says goodbye and comes back at once as somebody new. */
  restart() {
    this.#sayGoodbye('restart');
  }

  #sayGoodbye(goodbye) {
    if (this.#phase === 'open') {
      this.send({ type: 'bye' });
      this.#goodbye = goodbye;
      this.#after('bye', BYE_PATIENCE, () => this.#abandon(1000));
      return;
    }
    this.#goodbye = goodbye;
    this.#abandon(1000);
  }

  #dial() {
    this.#stopTimers();
    this.#drainMillis = null;
    this.#goodbye = null;
    this.#phase = 'connecting';
    this.#onLink({ phase: 'connecting', attempt: this.#attempt });
    this.#after('patience', PATIENCE, () => this.#abandon(1006));
    this.#stopAsking = this.#admit((found) => {
      if (found.kind === 'open') {
        this.#open(found.url);
      } else if (found.kind === 'barred') {
        this.#bar(found);
      } else {
        this.#abandon(1006);
      }
    });
  }

  #open(url) {
    const socket = new this.#WebSocket(url, PROTOCOL);
    this.#socket = socket;
    const ifCurrent = (act) => (event) => {
      if (this.#socket === socket) {
        act(event);
      }
    };
    socket.onopen = ifCurrent(() => socket.send(JSON.stringify(this.#hello())));
    socket.onmessage = ifCurrent((event) => this.#hear(event.data));
    socket.onclose = ifCurrent((event) => this.#closed(event.code, event.reason));
  }

  /** There is no use in trying again before somebody has done something about it. */
  #bar({ why, name }) {
    this.#stopTimers();
    this.#attempt = 0;
    this.#phase = 'barred';
    this.#onLink({ phase: 'barred', why, name });
  }

  #hear(data) {
    this.#listenOn();
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return; // a server of ours says nothing of the kind, and one of somebody else is not understood
    }
    if (frame.type === 'pong') {
      return;
    }
    if (frame.type === 'welcome') {
      this.#phase = 'open';
      this.#cancel('patience');
      this.#after('steady', STEADY, () => {
        this.#attempt = 0;
      });
      this.#listenOn();
      this.#onLink({ phase: 'open' });
    } else if (frame.type === 'draining') {
      this.#drainMillis = frame.reconnectInMillis;
    }
    this.#onFrame(frame);
  }

  /** Something was heard, so the next question whether anybody is there is a while away. */
  #listenOn() {
    this.#cancel('answer');
    if (this.#phase === 'open') {
      this.#after('quiet', QUIET, () => this.#ping());
    }
  }

  #ping() {
    if (this.send({ type: 'ping' })) {
      this.#after('answer', PING_PATIENCE, () => this.#abandon(1006));
    }
  }

  /** Stops waiting for a socket that does not answer, not even with its close. */
  #abandon(code) {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#closed(code, '');
  }

  #closed(code, reason) {
    this.#stopTimers();
    this.#stopAsking();
    this.#socket = null;
    const goodbye = this.#goodbye;
    this.#goodbye = null;
    if (goodbye === 'restart') {
      this.#attempt = 0;
      this.#dial();
    } else if (goodbye === 'leave' || !isTriedAgain(code)) {
      this.#attempt = 0;
      this.#phase = 'ended';
      this.#onLink({ phase: 'ended', code, reason, byMe: goodbye === 'leave' });
    } else {
      this.#wait(code);
    }
  }

  #wait(code) {
    const draining = this.#drainMillis !== null;
    const delay = draining ? this.#drainMillis : delayBefore(this.#attempt, this.#random);
    this.#attempt++;
    this.#phase = 'waiting';
    this.#after('retry', delay, () => this.#dial());
    this.#onLink({
      phase: 'waiting',
      attempt: this.#attempt,
      retryAt: this.#clock.now() + delay,
      code,
      draining,
    });
  }

  #after(name, millis, act) {
    this.#cancel(name);
    this.#timers.set(
      name,
      this.#clock.setTimeout(() => {
        this.#timers.delete(name);
        act();
      }, millis),
    );
  }

  #cancel(name) {
    if (this.#timers.has(name)) {
      this.#clock.clearTimeout(this.#timers.get(name));
      this.#timers.delete(name);
    }
  }

  #stopTimers() {
    for (const name of [...this.#timers.keys()]) {
      this.#cancel(name);
    }
  }
}
