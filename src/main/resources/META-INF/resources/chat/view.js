// Shows what the page knows. Whatever is not the list of messages or the box one writes in is put
// into words here.

import { Composer } from './composer.js';
import { arrange, h, name, setChildren, setText } from './dom.js';
import { Log, interruptedWords, problemWords } from './log.js';
import { isRunning } from './state.js';
import { hue, initial } from './text.js';
import { LANGUAGES, fill } from './words.js';

const HUES = 8;
const THEMES = ['auto', 'light', 'dark'];
const MOST_TYPING = 3;
const MOST_READ_OUT = 300;
const STATES = ['talking', 'waiting', 'reading', 'away'];

export class View {
  #at;
  #act;
  #log;
  #composer;
  #lang = 'en';
  #theme = 'auto';
  #shown = {};
  #sheetOf = null;
  #isAtGate = false;
  #gateLink = null;
  #tokenProblem = null;
  #person = null;
  #narrow = matchMedia('(max-width: 58rem)');

  /**
   * @param {Document} page
   * @param {object} act what a user can do, by name
   * @param {{drafts: Memory, clock: object}} parts
   */
  constructor(page, act, { drafts, clock }) {
    this.#at = Object.fromEntries(
      [...page.querySelectorAll('[id]')].map((node) => [node.id, node]),
    );
    this.#act = act;
    const at = this.#at;
    this.#log = new Log(
      { scroller: at.log, list: at.list },
      { ...act, scrolled: () => act.looked(), lostFocus: () => this.#composer.focus() },
    );
    this.#composer = new Composer(
      { form: at['composer-form'], text: at.text, send: at.send, count: at['composer-count'] },
      act,
      drafts,
      clock,
    );
    this.#listen();
  }

  get words() {
    return LANGUAGES[this.#lang];
  }

  get isAtEnd() {
    return this.#log.isAtEnd;
  }

  focusComposer() {
    this.#composer.focus();
  }

  toEnd() {
    this.#log.toEnd();
  }

  /** Changes the language of the page; the next rendering is in it. */
  setLanguage(lang) {
    this.#lang = lang;
    this.#shown = {};
    const { words } = this;
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
    for (const element of document.querySelectorAll('[data-words]')) {
      setText(element, words[element.dataset.words]);
    }
    const at = this.#at;
    setText(at.lang, words.otherLanguage);
    at.lang.lang = lang === 'zh' ? 'en' : 'zh-CN';
    at.lang.title = words.switchLanguage;
    for (const [id, text] of [
      ['rooms-button', words.rooms],
      ['members-button', words.members],
      ['help', words.help],
      ['leave', words.leave],
    ]) {
      at[id].title = text;
    }
    at['help-about'].replaceChildren(...words.about.map((text) => h('p', {}, text)));
    at.shortcuts.replaceChildren(
      ...words.shortcuts.map(([keys, what]) =>
        h('div', {}, h('dt', {}, h('kbd', {}, keys)), h('dd', {}, what)),
      ),
    );
    this.#tokenShown(at.token.type === 'text');
    this.#showTokenProblem(this.#tokenProblem);
    this.showPerson(this.#person);
    this.setTheme(this.#theme);
  }

  /** Who is signed in; nothing is shown of somebody the service does not ask for. */
  showPerson(person) {
    this.#person = person;
    this.#at.person.hidden = !person?.authentication;
    setChildren(
      this.#at['person-words'],
      ...fill(this.words.signedInAs, { name: name(person?.name ?? '') }),
    );
  }

  /** Says what is wrong with the token that was put in: a key of the words' `tokenProblems`. */
  refuseToken(why) {
    this.#showTokenProblem(why);
    this.#at.token.focus();
    this.#at.token.select();
  }

  /** `auto`, `light` or `dark`. */
  setTheme(theme) {
    this.#theme = THEMES.includes(theme) ? theme : 'auto';
    if (this.#theme === 'auto') {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = this.#theme;
    }
    const text = this.words.theme[this.#theme];
    setText(this.#at['theme-words'], text);
    this.#at.theme.title = text;
    this.#at.theme.dataset.value = this.#theme;
  }

  render(state) {
    const { words } = this;
    const at = this.#at;
    const { link, room, seat } = state;
    const isOpen = link.phase === 'open';
    const isEnded = link.phase === 'ended';
    const roomName = room.name;

    this.#title(state);
    setChildren(
      at['room-name'],
      h('span', { class: 'hash', 'aria-hidden': 'true' }, '#'),
      h('bdi', {}, roomName),
    );
    this.#state(state);
    at['give-up'].hidden = !(isOpen && seat.kind === 'queued');
    at['retry-now'].hidden = link.phase !== 'waiting';
    at.leave.hidden = !isOpen;
    this.#gate(link);
    at['composer-form'].hidden = isEnded || this.#isAtGate;
    at.ended.hidden = !isEnded;
    if (isEnded) {
      setText(at['ended-words'], endedWords(link, words));
      setText(at.rejoin, link.code === 4090 ? words.useHere : words.comeBack);
    }
    this.#ifChanged('phase', [link.phase], (before) => this.#followFocus(before?.[0], link.phase));
    at.stop.hidden = !isRunning(state);
    at.stop.title = words.stop;
    this.#alert(state.alert);
    this.#ifChanged('rooms', [state.rooms, roomName, room.members.length], () =>
      this.#rooms(state),
    );
    this.#ifChanged('members', [room.members, state.me, isOpen], () => this.#members(state));
    this.#ifChanged('conversations', [state.conversations, state.conversation], () =>
      this.#conversations(state),
    );
    this.#ifChanged('nick', [state.me?.nick], () => {
      at.nick.value = state.me?.nick ?? '';
    });
    this.#ifChanged('server', [state.server], () => {
      setText(
        at['help-server'],
        state.server === null ? '' : `${state.server.name} ${state.server.version}`,
      );
    });
    for (const id of ['nick', 'nick-save', 'join', 'conversation']) {
      at[id].disabled = !isOpen;
    }
    at['join-form'].querySelector('button').disabled = !isOpen;
    this.#typing(state.typing);
    setText(at['text-label'], words.composer(roomName));
    this.#composer.render({
      room: roomName,
      limit: state.limits.text,
      isReady: isOpen,
      placeholder: isOpen ? words.placeholder(roomName) : words.notYet,
      words,
    });
    this.#messages(state);
  }

  /** Has something read out that was not there before. */
  announce(items) {
    const { words } = this;
    const said = items.filter((item) => item.kind === 'message' || item.kind === 'answer');
    const others = items
      .filter((item) =>
        ['interrupted', 'notice', 'assigned', 'problem', 'silent'].includes(item.kind),
      )
      .map((item) => this.#lineWords(item));
    const texts =
      said.length > 3
        ? [words.heardMany(said.length)]
        : said.map((item) => words.heard(item.from.nick, shortened(item.text)));
    if (texts.length + others.length > 0) {
      this.#at.heard.replaceChildren(...[...texts, ...others].map((text) => h('p', {}, text)));
    }
  }

  /** Has a sentence of the page itself read out. */
  say(text) {
    this.#at.heard.replaceChildren(h('p', {}, text));
  }

  /** What became of a wish for another nick or room. */
  answerForm(which, problem, text = '') {
    const { words } = this;
    const line = this.#at[`${which}-problem`];
    line.classList.toggle('good', problem === null);
    setText(line, problem === null ? text : problemWords(problem, words));
    this.#at[which].setAttribute('aria-invalid', String(problem !== null));
    if (problem === null && which === 'join') {
      this.#at.join.value = '';
      this.closeSheet();
    }
  }

  closeSheet() {
    if (this.#at.sheet.open) {
      this.#at.sheet.close();
    }
  }

  #lineWords(item) {
    const { words } = this;
    switch (item.kind) {
      case 'interrupted':
        return interruptedWords(item, words);
      case 'notice':
        return words.notice[item.code] ?? item.text;
      case 'silent':
        return words.silent;
      case 'assigned':
        return fill(words.assigned, { pid: item.pid, slot: item.slot }).join('');
      default:
        return words.sentences(words.couldNot, item.problem.detail ?? item.problem.title ?? '');
    }
  }

  #ifChanged(what, values, show) {
    const before = this.#shown[what];
    if (before === undefined || values.some((value, index) => value !== before[index])) {
      this.#shown[what] = values;
      show(before);
    }
  }

  /** Whoever was at a control that has gone finds himself at the one that came instead. */
  #followFocus(before, phase) {
    if (!isFocusNowhere() || before === undefined) {
      return;
    }
    if (phase === 'ended') {
      this.#at.rejoin.focus();
    } else if (phase === 'barred') {
      // a keyboard that comes up over half of a phone would hide why
      if (!matchMedia('(pointer: coarse)').matches) {
        (this.#at['sign-in-form'].hidden ? this.#at['other-token'] : this.#at.token).focus();
      }
    } else if (before === 'ended' || (before === 'idle' && matchMedia('(pointer: fine)').matches)) {
      this.#composer.focus();
    }
  }

  /** Who has to sign in does so in the place of the messages, and stays there while it is tried. */
  #gate(link) {
    const at = this.#at;
    const wasAtGate = this.#isAtGate;
    const isBarred = link.phase === 'barred';
    this.#isAtGate = isBarred || (wasAtGate && link.phase === 'connecting');
    const hadFocus = at['sign-in'].contains(document.activeElement);
    at['sign-in'].hidden = !this.#isAtGate;
    for (const id of ['log-frame', 'typing', 'skip']) {
      at[id].hidden = this.#isAtGate;
    }
    at['sign-in-button'].setAttribute('aria-disabled', String(!isBarred));
    if (isBarred) {
      const mayOnlyRead = link.why === 'role';
      at['sign-in-form'].hidden = mayOnlyRead;
      at['no-entry'].hidden = !mayOnlyRead;
      setText(at['sign-in-title'], mayOnlyRead ? this.words.noEntry : this.words.signIn);
      setChildren(
        at['no-entry-words'],
        ...fill(this.words.mayOnlyRead, { name: name(link.name ?? '') }),
      );
    }
    if (link !== this.#gateLink) {
      this.#gateLink = link;
      this.#answerToken(link);
    }
    if (hadFocus && !this.#isAtGate && link.phase !== 'ended') {
      at['composer-form'].hidden = false;
      this.#composer.focus();
    }
  }

  /** What became of the token; one that was taken does not stay in the form. */
  #answerToken({ phase, why }) {
    if (phase === 'connecting') {
      return;
    }
    if (why === 'refused') {
      this.refuseToken(why);
      return;
    }
    this.#at.token.value = '';
    this.#tokenShown(false);
    this.#showTokenProblem(why === 'expired' ? why : null);
  }

  #showTokenProblem(why) {
    this.#tokenProblem = why;
    this.#at.token.setAttribute('aria-invalid', String(why !== null));
    setText(this.#at['token-problem'], why === null ? '' : this.words.tokenProblems[why]);
  }

  #tokenShown(isShown) {
    const { words } = this;
    const button = this.#at['token-show'];
    this.#at.token.type = isShown ? 'text' : 'password';
    setText(button, isShown ? words.hideToken : words.showToken);
    // longer than what is seen, and beginning with it
    button.setAttribute('aria-label', `${button.textContent} ${words.token}`);
  }

  #title({ unread, room, link }) {
    const count = unread.count > 0 ? `(${unread.count}) ` : '';
    const sign = link.phase === 'open' ? '' : ['ended', 'barred'].includes(link.phase) ? '× ' : '… ';
    document.title = `${count}${sign}#${room.name} · ${this.words.title}`;
  }

  #state(state) {
    const { kind, children } = stateWords(state, this.words);
    const at = this.#at;
    at['state-bar'].dataset.kind = kind;
    at['state-icon'].className = `state-icon icon icon-${ICONS[kind]}`;
    setChildren(at.state, ...children);
    at.state.dataset.state = kind;
  }

  #alert(alert) {
    const at = this.#at;
    this.#ifChanged('alert', [alert?.id], () => {
      at.alert.hidden = alert === null;
      setText(at['alert-words'], alert === null ? '' : alertWords(alert.problem, this.words));
    });
  }

  #rooms({ rooms, room }) {
    const { words } = this;
    const here = room.members.length;
    const known = rooms.some((one) => one.room === room.name)
      ? rooms
      : [{ room: room.name, members: here }, ...rooms];
    const nodes = known.map((one) => {
      const isCurrent = one.room === room.name;
      const count = isCurrent && here > 0 ? here : one.members;
      return h(
        'li',
        {},
        h(
          'button',
          {
            type: 'button',
            class: 'room',
            'aria-current': isCurrent ? 'true' : null,
            'data-room': one.room,
            click: () => {
              this.closeSheet();
              if (!isCurrent) {
                this.#act.join(one.room);
              }
            },
          },
          h('span', { class: 'hash', 'aria-hidden': 'true' }, '#'),
          h('bdi', { class: 'room-label' }, one.room),
          ...(count === 0
            ? []
            : [
                h('span', { class: 'count', 'aria-hidden': 'true' }, String(count)),
                h('span', { class: 'hidden' }, ` (${words.roomCount(count)})`),
              ]),
        ),
      );
    });
    const focused = this.#at.rooms.contains(document.activeElement)
      ? document.activeElement.dataset.room
      : null;
    arrange(this.#at.rooms, nodes);
    if (focused !== null) {
      nodes
        .find((node) => node.firstElementChild.dataset.room === focused)
        ?.firstElementChild.focus();
    }
  }

  #members({ room, me, link }) {
    const { words } = this;
    const ordered = [...room.members].sort(
      (one, other) =>
        STATES.indexOf(one.state) - STATES.indexOf(other.state) ||
        one.nick.localeCompare(other.nick),
    );
    this.#at.members.replaceChildren(
      ...ordered.map((member) =>
        h(
          'li',
          { class: 'member', 'data-state': member.state, 'data-id': member.id },
          h(
            'span',
            { class: `avatar small hue-${hue(member.id, HUES)}`, 'aria-hidden': 'true' },
            initial(member.nick),
          ),
          h(
            'span',
            { class: 'member-words' },
            h(
              'span',
              { class: 'member-name' },
              name(member.nick),
              member.id === me?.id ? h('span', { class: 'you' }, ` (${words.you})`) : null,
            ),
            h(
              'span',
              { class: 'member-state' },
              h('span', { class: `icon icon-${member.state}`, 'aria-hidden': 'true' }),
              words.memberStates[member.state] ?? member.state,
            ),
          ),
        ),
      ),
    );
    this.#at.members.classList.toggle('dim', link.phase !== 'open');
    const count = room.members.length;
    setText(this.#at['members-title'], count > 0 ? words.here(count) : words.members);
    setText(this.#at['members-count'], count > 0 ? String(count) : '');
  }

  #conversations({ conversations, conversation }) {
    const at = this.#at;
    at['conversation-field'].hidden = conversations.length < 2;
    at.conversation.replaceChildren(
      ...conversations.map((one) => h('option', { value: one.name }, one.name)),
    );
    at.conversation.value = conversation ?? '';
    setText(
      at['conversation-summary'],
      conversations.find((one) => one.name === conversation)?.summary ?? '',
    );
  }

  #typing(typing) {
    const { words } = this;
    const text = typing.length > MOST_TYPING ? words.typingMany : words.typing(typing.length);
    const names = typing.flatMap((one, index) =>
      index === 0 ? [name(one.nick)] : [this.#lang === 'zh' ? '、' : ', ', name(one.nick)],
    );
    const children =
      typing.length === 0
        ? []
        : [
            h('span', { class: 'dots', 'aria-hidden': 'true' }),
            ...fill(text, { who: h('span', {}, ...names) }),
          ];
    setChildren(this.#at.typing, ...children);
  }

  #messages(state) {
    const { words } = this;
    const at = this.#at;
    const { room, unread, link } = state;
    at.log.setAttribute('aria-label', words.messages(room.name));
    const hasMessages =
      room.items.length > 0 || state.outbox.some((entry) => entry.room === room.name);
    at.older.hidden = !room.more || link.phase !== 'open';
    at.older.setAttribute('aria-disabled', String(room.loading));
    setText(at.older, room.loading ? words.loading : words.older);
    setChildren(
      at['log-start-words'],
      ...(room.more || room.loading || state.me === null
        ? []
        : fill(words.beginning, { room: h('bdi', {}, room.name) })),
    );
    const isEmpty = !hasTalk(state) && !room.loading && link.phase === 'open';
    at.empty.hidden = !isEmpty;
    setChildren(at.empty, h('strong', {}, words.empty), ' ', words.emptyHint);
    const isNewRoom = this.#shown.log?.[0] !== room.name;
    this.#ifChanged(
      'log',
      [
        room.name,
        room.items,
        state.outbox,
        unread.marker,
        state.seat.kind,
        link.phase,
        new Date().toDateString(),
      ],
      () =>
        this.#log.render(state, {
          words,
          lang: this.#lang,
          now: new Date(),
          isNewRoom,
        }),
    );
    const isAway = hasMessages && (!this.#log.isAtEnd || room.cut);
    at.jump.hidden = !isAway;
    setText(at['jump-words'], unread.count > 0 ? words.jumpNew(unread.count) : words.jump);
    at.jump.classList.toggle('has-new', unread.count > 0);
  }

  #listen() {
    const at = this.#at;
    const act = this.#act;
    const on = (id, type, listener) => at[id].addEventListener(type, listener);
    on('lang', 'click', () => act.language(this.#lang === 'zh' ? 'en' : 'zh'));
    on('theme', 'click', () =>
      act.theme(THEMES[(THEMES.indexOf(this.#theme) + 1) % THEMES.length]),
    );
    on('help', 'click', () => at['help-dialog'].showModal());
    on('help-close', 'click', () => at['help-dialog'].close());
    on('leave', 'click', () => act.leave());
    on('sign-in-form', 'submit', (event) => {
      event.preventDefault();
      if (at['sign-in-button'].getAttribute('aria-disabled') !== 'true') {
        this.#showTokenProblem(null); // so that the same one is read out again
        act.signIn(at.token.value);
      }
    });
    on('token-show', 'click', () => this.#tokenShown(at.token.type === 'password'));
    on('other-token', 'click', () => act.signOut());
    on('sign-out', 'click', () => act.signOut());
    on('rejoin', 'click', () => act.comeBack());
    on('give-up', 'click', () => {
      act.giveUp();
      this.#composer.focus();
    });
    on('retry-now', 'click', () => {
      act.retryNow();
      this.#composer.focus();
    });
    on('stop', 'click', () => {
      act.cancel();
      this.#composer.focus();
    });
    on('older', 'click', () => act.older());
    on('jump', 'click', () => {
      act.newest();
      this.toEnd();
      this.#composer.focus();
    });
    on('alert-close', 'click', () => {
      act.dismiss();
      this.#composer.focus();
    });
    on('join-form', 'submit', (event) => {
      event.preventDefault();
      const room = at.join.value.trim().replace(/^#/u, '');
      if (room !== '') {
        act.join(room);
      }
    });
    on('nick-form', 'submit', (event) => {
      event.preventDefault();
      const nick = at.nick.value.trim();
      if (nick !== '') {
        act.nick(nick);
      }
    });
    on('conversation', 'change', () => act.conversation(at.conversation.value));
    on('rooms-button', 'click', () => {
      act.refreshRooms();
      this.#openSheet('rooms');
    });
    for (const type of ['pointerenter', 'focusin']) {
      on('rooms-panel', type, () => act.refreshRooms());
    }
    on('members-button', 'click', () => this.#openSheet('members'));
    on('sheet-close', 'click', () => at.sheet.close());
    on('sheet', 'close', () => this.#putBack());
    for (const id of ['sheet', 'help-dialog']) {
      // a click beside a sheet hits the dialog itself, and closes it
      on(id, 'click', (event) => {
        if (event.target === at[id]) {
          at[id].close();
        }
      });
    }
    this.#narrow.addEventListener('change', () => this.closeSheet());
    document.addEventListener('keydown', (event) => this.#pressed(event));
  }

  #pressed(event) {
    const at = this.#at;
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && event.key === '/') {
      event.preventDefault();
      if (!at['help-dialog'].open) {
        at['help-dialog'].showModal();
      }
    } else if (isCommand && event.key === '.' && !at.stop.hidden) {
      event.preventDefault();
      this.#act.cancel();
    } else if (event.key === 'Escape' && at.log.contains(document.activeElement)) {
      this.#composer.focus();
    }
  }

  /** On a narrow page a column is shown as a sheet over it, and goes back when that is closed. */
  #openSheet(which) {
    const at = this.#at;
    this.#sheetOf = which;
    at.sheet.setAttribute('aria-labelledby', `${which}-title`);
    at['sheet-place'].append(at[`${which}-panel`]);
    at.sheet.showModal();
  }

  #putBack() {
    const at = this.#at;
    if (this.#sheetOf !== null) {
      at[`${this.#sheetOf}-place`].append(at[`${this.#sheetOf}-panel`]);
      this.#sheetOf = null;
    }
  }
}

const ICONS = {
  connecting: 'busy',
  reading: 'reading',
  queued: 'waiting',
  talking: 'talking',
  soon: 'busy',
  replaced: 'busy',
  barred: 'locked',
  lost: 'warning',
  left: 'leave',
  ended: 'warning',
};

function isFocusNowhere() {
  const { activeElement } = document;
  return (
    activeElement === null ||
    activeElement === document.body ||
    activeElement.closest('[hidden]') !== null
  );
}

/** The state of the connection in words, and of which kind it is. */
export function stateWords(state, words) {
  const { link, seat } = state;
  switch (link.phase) {
    case 'idle':
    case 'connecting':
      return {
        kind: 'connecting',
        children: [
          link.attempt > 0 || state.me !== null ? words.connectingAgain : words.connecting,
        ],
      };
    case 'barred':
      return {
        kind: 'barred',
        children: [link.why === 'role' ? words.mayNotChat : words.notSignedIn],
      };
    case 'waiting':
      return { kind: 'lost', children: lostWords(link, state.now, words) };
    case 'ended':
      return { kind: link.byMe ? 'left' : 'ended', children: [endedWords(link, words)] };
    default:
      return state.draining
        ? { kind: 'replaced', children: [words.goingDown] }
        : seatWords(seat, words);
  }
}

function seatWords(seat, words) {
  switch (seat.kind) {
    case 'queued':
      return { kind: 'queued', children: placeWords(seat, words) };
    case 'talking':
      return {
        kind: 'talking',
        children: [
          ...fill(words.talking, { pid: h('strong', { class: 'number' }, String(seat.pid)) }),
          h(
            'span',
            { class: 'more' },
            ' · ',
            ...fill(words.slot, { slot: h('bdi', {}, seat.slot) }),
          ),
        ],
      };
    case 'soon':
      return { kind: 'soon', children: [words.soon] };
    case 'replaced':
      return { kind: 'replaced', children: [words.replaced] };
    default:
      return { kind: 'reading', children: [words.reading] };
  }
}

function placeWords({ position, busy, size, estimatedWaitMillis }, words) {
  const place = h('strong', { 'data-testid': 'place' }, words.place(position));
  return [
    ...fill(words.line, { place }),
    h('span', { class: 'more' }, ' · ', words.busy(busy, size)),
    estimatedWaitMillis === undefined
      ? null
      : h('span', { class: 'more' }, ' · ', words.estimate(words.span(estimatedWaitMillis))),
  ];
}

function lostWords(link, now, words) {
  const why =
    link.draining || link.code === 1012
      ? words.draining
      : link.code === 1013
        ? words.lineFull
        : navigator.onLine === false
          ? words.offline
          : words.lost;
  const seconds = Math.max(1, Math.ceil((link.retryAt - now) / 1000));
  return [
    h('strong', {}, why),
    ' – ',
    words.retrying,
    // a number that changes each second would be read out each second
    h('span', { 'aria-hidden': 'true' }, words.retryIn(seconds)),
  ];
}

function endedWords({ code, reason, byMe }, words) {
  if (byMe) {
    return words.ended.byMe;
  }
  const known = words.ended[code];
  if (known !== undefined && code !== 1008) {
    return known;
  }
  const text = known ?? words.ended.other(code);
  return reason ? words.sentences(text, reason) : text;
}

/** Nobody wants pages of output read out; they are in the list. */
function shortened(text) {
  const points = [...text];
  return points.length > MOST_READ_OUT ? `${points.slice(0, MOST_READ_OUT).join('')}…` : text;
}

function alertWords(problem, words) {
  return problem.slug === 'other-nick'
    ? words.nickTaken(problem.asked, problem.given)
    : problemWords(problem, words);
}

function hasTalk({ room, outbox }) {
  return (
    room.items.some((item) => item.kind === 'message' || item.kind === 'answer') ||
    outbox.some((entry) => entry.room === room.name)
  );
}
