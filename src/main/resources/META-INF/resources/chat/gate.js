// Signing in: whether the service asks who somebody is, the token that answers, and a ticket for
// each connection. The token is sent in a header to the page's own server and nowhere else; it is
// kept in the tab.

/** What a token may be made of (RFC 6750); anything else could not even be sent. */
const TOKEN = /^[\w.~+/-]+=*$/u;

/** Says whether a text may be a token at all. */
export function isToken(text) {
  return TOKEN.test(text);
}

export class Gate {
  #base;
  #fetch;
  #memory;
  #token;
  /** The token was typed just now, so that a refusal is about what was typed. */
  #isFresh = false;
  #me = null;

  /**
   * @param {object} parts
   * @param {string} parts.base the page's address, against which the server's are taken
   * @param {Function} parts.fetch
   * @param {Memory} parts.memory of the tab
   */
  constructor({ base, fetch, memory }) {
    this.#base = base;
    this.#fetch = fetch;
    this.#memory = memory;
    this.#token = memory.get('token');
  }

  /** Who the server says this is, `{name, role, tenant, authentication}`, or null before it did. */
  get me() {
    return this.#me;
  }

  /** The next admission is asked for with this token; it is kept once the server knows it. */
  present(token) {
    this.#token = token;
    this.#isFresh = true;
  }

  /** Forgets the token and whose it was. */
  signOut() {
    this.#token = null;
    this.#isFresh = false;
    this.#me = null;
    this.#memory.set('token', null);
  }

  /**
   * Asks to be let in, once. `answer` is told one of `{kind: 'admitted', ticket}`, where the ticket
   * is null if the service asks nobody who he is, `{kind: 'barred', why, name}`, where `why` is
   * `no-token`, `refused`, `expired` or `role`, and `{kind: 'failed'}`.
   *
   * @returns {Function} stops asking; after that nothing is answered
   */
  admit(answer) {
    const stop = new AbortController();
    const { signal } = stop;
    const tell = (found) => {
      if (!signal.aborted) {
        answer(found);
      }
    };
    // why it failed does not matter to whoever tries again, and the browser's console has it
    this.#ask(signal).then(tell, () => tell({ kind: 'failed' }));
    return () => stop.abort();
  }

  async #ask(signal) {
    const whoami = await this.#request('GET', 'v1/whoami', signal);
    if (whoami.status === 401) {
      return this.#unknown();
    }
    const me = await content(whoami, signal);
    this.#me = me;
    if (!me.authentication) {
      return { kind: 'admitted', ticket: null };
    }
    this.#memory.set('token', this.#token);
    this.#isFresh = false;
    if (me.role === 'read') {
      return { kind: 'barred', why: 'role', name: me.name };
    }
    const tickets = await this.#request('POST', 'v1/chat/tickets', signal);
    if (tickets.status === 401) {
      return this.#unknown();
    }
    if (tickets.status === 403) {
      return { kind: 'barred', why: 'role', name: me.name };
    }
    const { ticket } = await content(tickets, signal);
    return { kind: 'admitted', ticket };
  }

  #unknown() {
    const why = this.#token === null ? 'no-token' : this.#isFresh ? 'refused' : 'expired';
    this.signOut();
    return { kind: 'barred', why, name: null };
  }

  async #request(method, path, signal) {
    const answer = await this.#fetch(new URL(path, this.#base).href, {
      method,
      headers: {
        Accept: 'application/json',
        ...(this.#token === null ? {} : { Authorization: `Bearer ${this.#token}` }),
      },
      cache: 'no-store',
      redirect: 'error',
      signal,
    });
    signal.throwIfAborted();
    return answer;
  }
}

async function content(answer, signal) {
  if (!answer.ok) {
    throw new Error(`the server answered with ${answer.status}`);
  }
  const json = await answer.json();
  signal.throwIfAborted();
  return json;
}
