// The list of messages on the page: rows become nodes once and stay as they are until their row
// changes; where the reader looks stays where it is, whatever is added above or below.

import { arrange, h, name } from './dom.js';
import { MOST_NAMES, rows } from './rows.js';
import { hue, initial, isOnlyEmoji, pieces } from './text.js';
import { fill, timeOfDay } from './words.js';

const HUES = 8;
/** Closer to the end than this counts as at the end. */
const NEAR = 48;
/** Closer to the top than this, older messages are fetched. */
const NEARLY_TOP = 240;
const QUOTE_LENGTH = 80;

export class Log {
  #scroller;
  #list;
  #act;
  #nodes = new Map();
  #lang = 'en';
  #words = null;
  #follows = true;

  /**
   * @param {{scroller: HTMLElement, list: HTMLElement}} elements
   * @param {{scrolled: Function, older: Function, sendAgain: Function, discard: Function,
   *     stay: Function}} act what a reader can do here
   */
  constructor({ scroller, list }, act) {
    this.#scroller = scroller;
    this.#list = list;
    this.#act = act;
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#keepAtEnd()).observe(scroller);
  }

  /** Says whether the newest is in sight. */
  get isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toEnd() {
    this.#follows = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  render(state, { words, lang, now, isNewRoom }) {
    if (lang !== this.#lang || isNewRoom) {
      this.#nodes.clear();
      this.#lang = lang;
    }
    this.#words = words;
    this.#follows = this.#follows || isNewRoom;
    const anchor = this.#follows ? null : this.#anchor();
    const nodes = new Map();
    for (const row of rows(state, now, lang)) {
      nodes.set(row.key, this.#noded(row, state));
    }
    const focused = this.#list.contains(document.activeElement);
    arrange(
      this.#list,
      [...nodes.values()].map(({ node }) => node),
    );
    this.#nodes = nodes;
    if (focused && !this.#list.contains(document.activeElement)) {
      this.#act.lostFocus();
    }
    if (this.#follows) {
      this.toEnd();
    } else if (anchor?.node.isConnected) {
      this.#scroller.scrollTop += anchor.node.getBoundingClientRect().top - anchor.top;
    }
    this.#fetchIfAtTop();
  }

  #scrolled() {
    this.#follows = this.isAtEnd;
    this.#act.scrolled();
    this.#fetchIfAtTop();
  }

  #fetchIfAtTop() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (
      scrollTop < NEARLY_TOP &&
      (scrollHeight > clientHeight || this.#list.childElementCount > 0)
    ) {
      this.#act.older();
    }
  }

  #keepAtEnd() {
    if (this.#follows) {
      this.toEnd();
    }
  }

  /** The first row in sight, and where it is. */
  #anchor() {
    const top = this.#scroller.getBoundingClientRect().top;
    for (const node of this.#list.children) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top) {
        return { node, top: box.top };
      }
    }
    return null;
  }

  #noded(row, state) {
    const known = this.#nodes.get(row.key);
    const look = looks(row, state);
    if (
      known !== undefined &&
      known.look === look &&
      known.item === row.item &&
      known.quote === row.quote
    ) {
      return known;
    }
    if (known !== undefined && known.look === look && isGrown(known.item, row.item)) {
      known.growing.appendData(row.item.text.slice(known.item.text.length));
      known.item = row.item;
      return known;
    }
    const made = { look, item: row.item, quote: row.quote, growing: null };
    made.node = this.#made(row, state, made);
    return made;
  }

  #made(row, state, made) {
    const { item } = row;
    switch (row.kind) {
      case 'day':
        return h(
          'li',
          { class: 'row day' },
          h('time', { datetime: row.ts.slice(0, 10) }, row.text),
        );
      case 'unread':
        return h(
          'li',
          { class: 'row unread', 'data-testid': 'unread-marker' },
          h('span', {}, this.#words.unreadMarker),
        );
      case 'message':
        return item.from.kind === 'system' ? this.#system(item) : this.#message(row);
      case 'answer':
        return this.#answer(row, made);
      case 'outbox':
        return this.#outbox(item, state);
      case 'joined':
        return this.#line('joined', this.#passing(row, state));
      case 'left':
        return this.#line('left', this.#passing(row, state));
      case 'renamed':
        return this.#line(
          'renamed',
          fill(this.#words.renamed, { was: name(item.was), who: name(item.member.nick) }),
        );
      case 'assigned':
        return this.#line(
          'assigned',
          fill(this.#words.assigned, { pid: pid(item.pid), slot: h('bdi', {}, item.slot) }),
        );
      case 'silent':
        return this.#line('silent', [
          `${this.#words.silent} · ${this.#words.took(this.#words.span(item.runMillis))}`,
        ]);
      case 'restarted':
        return h('li', { class: 'row day' }, h('span', {}, this.#words.restarted));
      case 'interrupted':
        return this.#interrupted(item);
      case 'notice':
        return this.#notice(item, state);
      case 'problem':
        return this.#card('problem', 'icon-warning', [
          h('strong', {}, this.#words.couldNot),
          h(
            'span',
            { class: 'detail' },
            h('bdi', {}, item.problem.detail ?? item.problem.title ?? ''),
          ),
        ]);
      default:
        throw new Error(`no row for ${row.kind}`);
    }
  }

  #line(kind, children) {
    return h('li', { class: 'row line', 'data-testid': kind }, h('p', {}, ...children));
  }

  #passing({ kind, item, members }, state) {
    if (kind === 'joined' && members.length === 1 && state.ids.includes(item.member.id)) {
      return fill(this.#words.youJoined, { room: h('bdi', {}, state.room.name) });
    }
    const text =
      kind === 'joined'
        ? this.#words.joined(members.length)
        : (this.#words.left[item.reason] ?? this.#words.left.bye)(members.length);
    return fill(text, { who: this.#names(members) });
  }

  #names(members) {
    const shown = members.slice(0, MOST_NAMES).map((member) => name(member.nick));
    const others = members.length - shown.length;
    const separator = this.#lang === 'zh' ? '、' : ', ';
    return h(
      'span',
      {},
      ...shown.flatMap((node, index) => (index === 0 ? [node] : [separator, node])),
      others > 0 ? ` +${others}` : null,
    );
  }

  #system(item) {
    return h(
      'li',
      { class: 'row line', 'data-testid': 'message', 'data-kind': 'system', 'data-seq': item.seq },
      h('p', {}, h('bdi', {}, item.text)),
    );
  }

  #message({ item, together, samePid }) {
    const kind = item.own ? 'own' : 'other';
    return h(
      'li',
      {
        class: `row message ${kind}${together ? ' together' : ''}`,
        'data-testid': 'message',
        'data-kind': item.from.kind,
        'data-own': item.own,
        'data-seq': item.seq,
      },
      item.own ? null : avatar(item.from),
      h(
        'div',
        { class: 'said' },
        this.#heading(item, { quiet: together, showsPid: !(together && samePid) }),
        body(item.text, this.#words),
      ),
    );
  }

  #heading(item, { quiet, showsPid }) {
    const date = new Date(item.ts);
    return h(
      'p',
      { class: 'meta' },
      h('span', { class: quiet || item.own ? 'hidden' : 'by' }, name(item.from.nick)),
      h(
        'time',
        {
          datetime: item.ts,
          title: date.toLocaleString(this.#lang),
          class: quiet ? 'time quiet' : 'time',
        },
        timeOfDay(date, this.#lang),
      ),
      showsPid && item.from.pid !== undefined
        ? h(
            'span',
            { class: 'chip', title: this.#words.pidTitle(item.from.pid), 'data-testid': 'pid' },
            this.#words.pid(item.from.pid),
          )
        : null,
    );
  }

  #answer({ item, quote }, made) {
    const text = document.createTextNode(item.running ? item.text : item.text.trimEnd());
    made.growing = text;
    const isCode = item.text.includes('\n');
    const whole = !item.running && !isCode && !item.broken;
    return h(
      'li',
      {
        class: `row message worker${item.running ? ' running' : ''}${item.broken ? ' broken' : ''}`,
        'data-testid': 'message',
        'data-kind': 'worker',
        'data-seq': item.seq,
        'data-reply-to': item.replyTo,
        'data-running': item.running,
      },
      h(
        'span',
        { class: 'avatar robot', 'aria-hidden': 'true' },
        h('span', { class: 'icon icon-worker' }),
      ),
      h(
        'div',
        { class: 'said' },
        h(
          'p',
          { class: 'meta' },
          h('span', { class: 'by' }, name(item.from.nick || this.#words.worker)),
          h(
            'time',
            {
              class: 'time',
              datetime: item.ts,
              title: new Date(item.ts).toLocaleString(this.#lang),
            },
            timeOfDay(new Date(item.ts), this.#lang),
          ),
          item.from.pid === undefined
            ? null
            : h(
                'span',
                { class: 'chip', title: this.#words.pidTitle(item.from.pid), 'data-testid': 'pid' },
                this.#words.pid(item.from.pid),
              ),
        ),
        quote === null ? null : this.#quote(quote),
        whole
          ? body(item.text, this.#words)
          : h(
              'div',
              { class: 'bubble code' },
              h('pre', { dir: 'auto', 'data-testid': 'text' }, text),
            ),
        this.#answerFoot(item),
      ),
    );
  }

  #answerFoot(item) {
    if (item.running) {
      return h(
        'p',
        { class: 'foot' },
        h('span', { class: 'dots', 'aria-hidden': 'true' }),
        this.#words.growing,
      );
    }
    if (item.broken) {
      return h('p', { class: 'foot bad' }, icon('icon-warning'), this.#words.cutShort);
    }
    return item.runMillis === undefined
      ? null
      : h(
          'p',
          { class: 'foot', 'data-testid': 'run-time' },
          this.#words.took(this.#words.span(item.runMillis)),
        );
  }

  #quote(quoted) {
    const shown = [...quoted.text.replace(/\s+/gu, ' ')];
    const short =
      shown.length > QUOTE_LENGTH ? `${shown.slice(0, QUOTE_LENGTH).join('')}…` : shown.join('');
    return h(
      'p',
      { class: 'quote' },
      ...fill(this.#words.answerTo('{nick}', '{text}'), {
        nick: name(quoted.from.nick),
        text: h('bdi', {}, short),
      }),
    );
  }

  #outbox(entry, state) {
    const isOff = entry.status === 'unsent' || entry.status === 'failed';
    return h(
      'li',
      {
        class: `row message own outbox ${isOff ? 'off' : 'under-way'}`,
        'data-testid': 'message',
        'data-kind': 'user',
        'data-own': true,
        'data-status': entry.status,
        'data-ref': entry.ref,
      },
      h(
        'div',
        { class: 'said' },
        body(entry.text, this.#words),
        h(
          'p',
          { class: `foot${isOff ? ' bad' : ''}` },
          isOff ? icon('icon-warning') : null,
          h('span', {}, this.#outboxWords(entry, state)),
        ),
        isOff
          ? h(
              'p',
              { class: 'choices' },
              h(
                'button',
                {
                  type: 'button',
                  class: 'button small',
                  'data-testid': 'retry',
                  click: () => this.#act.sendAgain(entry.ref),
                },
                this.#words.sendAgain,
              ),
              h(
                'button',
                {
                  type: 'button',
                  class: 'button small',
                  'data-testid': 'discard',
                  click: () => this.#act.discard(entry.ref),
                },
                this.#words.discard,
              ),
            )
          : null,
      ),
    );
  }

  #outboxWords({ status, problem }, state) {
    switch (status) {
      case 'pending':
        return state.seat.kind === 'talking' ? this.#words.pending : this.#words.waitingTurn;
      case 'acked':
        return this.#words.acked;
      case 'lost':
        return this.#words.unclear;
      case 'unsent':
        return this.#words.unsent;
      case 'failed':
        return this.#words.failed.replace('{why}', () =>
          problem === null ? this.#words.lostWithWorker : problemWords(problem, this.#words),
        );
      default:
        throw new Error(`no words for ${status}`);
    }
  }

  #interrupted(item) {
    const isOwn = item.reason === 'cancelled';
    return this.#card(
      isOwn ? 'interrupted calm' : 'interrupted',
      isOwn ? 'icon-stop' : 'icon-warning',
      [
        h('strong', {}, interruptedWords(item, this.#words)),
        isOwn || item.reason === 'timeout' ? null : ` ${this.#words.newWorker}`,
        item.reason === 'timeout' ? h('span', { class: 'detail' }, h('bdi', {}, item.text)) : null,
      ],
    );
  }

  #notice(item, state) {
    const text = this.#words.notice[item.code] ?? item.text;
    const canStay = item.code === 'idle' && state.link.phase === 'open';
    return this.#card('notice', 'icon-info', [
      h('bdi', {}, text),
      canStay
        ? h(
            'button',
            {
              type: 'button',
              class: 'button small',
              'data-testid': 'stay',
              click: () => this.#act.stay(),
            },
            this.#words.stay,
          )
        : null,
    ]);
  }

  #card(kind, iconName, children) {
    return h(
      'li',
      { class: `row card ${kind}`, 'data-testid': kind.split(' ')[0] },
      icon(iconName),
      h('p', {}, ...children),
    );
  }
}

/** All that a row's node shows beside its item; a node with the same looks need not be made anew. */
function looks(row, state) {
  return [
    row.kind,
    row.text,
    row.together,
    row.samePid,
    row.members?.length,
    row.kind === 'outbox' && row.item.status === 'pending' ? state.seat.kind : '',
    row.kind === 'notice' ? state.link.phase : '',
    row.kind === 'answer'
      ? `${row.item.running}${row.item.broken}${row.item.text.includes('\n')}`
      : '',
  ].join('|');
}

function isGrown(before, after) {
  return (
    before?.kind === 'answer' &&
    before.running &&
    after.running &&
    after.text.startsWith(before.text)
  );
}

function avatar(from) {
  return h(
    'span',
    { class: `avatar hue-${hue(from.id, HUES)}`, 'aria-hidden': 'true' },
    initial(from.nick),
  );
}

function icon(iconName) {
  return h('span', { class: `icon ${iconName}`, 'aria-hidden': 'true' });
}

function pid(number) {
  return h('span', { class: 'number' }, String(number));
}

/** A text as it was written, with its links to be followed. */
function body(text, words) {
  return h(
    'div',
    { class: `bubble${isOnlyEmoji(text) ? ' emoji' : ''}` },
    h(
      'p',
      { class: 'text', dir: 'auto', 'data-testid': 'text' },
      ...pieces(text).map((piece) =>
        piece.href === undefined
          ? piece.text
          : h(
              'a',
              {
                href: piece.href,
                target: '_blank',
                rel: 'noopener noreferrer nofollow',
                title: words.opensTab,
              },
              piece.text,
            ),
      ),
    ),
  );
}

/** Why a worker was lost, in the words of the page, or in the server's if it knows a new reason. */
export function interruptedWords({ reason, pid: worker, text }, words) {
  const which = worker === null || worker === undefined ? '' : words.numbered(worker);
  return words.interrupted[reason]?.replace('{pid}', which) ?? text;
}

/** A problem in the words of the page, with what the server has to add. */
export function problemWords(problem, words) {
  const title = words.problems[problem.slug] ?? problem.title ?? problem.slug;
  const detail =
    problem.retryAfterMillis === undefined
      ? problem.detail
      : words.again(words.span(Math.ceil(problem.retryAfterMillis / 1000) * 1000));
  return words.sentences(...[title, detail].filter((part) => part));
}
