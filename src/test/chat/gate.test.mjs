import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';

import { Gate, isToken } from '../../main/resources/META-INF/resources/chat/gate.js';
import { Memory } from '../../main/resources/META-INF/resources/chat/memory.js';
import { MapStorage } from './storage.mjs';

const ALICE = { name: 'alice', role: 'submit', tenant: '', authentication: true };
const NOBODY = { name: 'anonymous', role: 'operate', tenant: '', authentication: false };

describe('A token', () => {
  it('is one word of what RFC 6750 allows', () => {
    assert.ok(isToken('pp_Zk3-x_9'));
    assert.ok(isToken('eyJh.eyJz.c2ln+/=='));
  });

  it('has no blanks, no other script and nothing behind the padding', () => {
    for (const text of ['', 'a b', 'a\nb', '令牌', 'a=b', 'a:b', 'Bearer a']) {
      assert.equal(isToken(text), false, text);
    }
  });
});

describe('The gate', () => {
  let storage;
  let requests;
  let answers;
  let gate;

  const json = (body, status = 200) => new Response(JSON.stringify(body), { status });
  const open = () =>
    new Gate({
      base: 'https://here/pool/chat.html?room=x#y',
      fetch: async (url, options) => {
        requests.push({ url, ...options });
        const path = new URL(url).pathname.replace('/pool/', '');
        return answers[path](options.headers.Authorization);
      },
      memory: new Memory(() => storage),
    });
  const admitted = () => new Promise((resolve) => gate.admit(resolve));
  const knows = (token) => {
    answers['v1/whoami'] = (bearer) =>
      bearer === `Bearer ${token}` ? json(ALICE) : json({ status: 401 }, 401);
  };

  beforeEach(() => {
    storage = new MapStorage();
    requests = [];
    answers = {
      'v1/whoami': () => json(NOBODY),
      'v1/chat/tickets': () => json({ ticket: 'once', expiresInMillis: 30_000 }),
    };
    gate = open();
  });

  it('is open with one question where nobody has to sign in', async () => {
    assert.deepEqual(await admitted(), { kind: 'admitted', ticket: null });
    assert.deepEqual(
      requests.map(({ method, url }) => [method, url]),
      [['GET', 'https://here/pool/v1/whoami']],
    );
    assert.equal(requests[0].headers.Authorization, undefined);
    assert.equal(gate.me.authentication, false);
  });

  it('is barred for whoever has no token', async () => {
    knows('pp_a');
    assert.deepEqual(await admitted(), { kind: 'barred', why: 'no-token', name: null });
    assert.equal(gate.me, null);
  });

  it('gives a ticket to whoever has a token, a new one each time', async () => {
    knows('pp_a');
    let count = 0;
    answers['v1/chat/tickets'] = (bearer) => {
      assert.equal(bearer, 'Bearer pp_a');
      count++;
      return json({ ticket: `t${count}`, expiresInMillis: 30_000 });
    };
    gate.present('pp_a');
    assert.deepEqual(await admitted(), { kind: 'admitted', ticket: 't1' });
    assert.deepEqual(await admitted(), { kind: 'admitted', ticket: 't2' });
    assert.deepEqual(gate.me, ALICE);
    assert.deepEqual(
      requests.map(({ method }) => method),
      ['GET', 'POST', 'GET', 'POST'],
    );
  });

  it('keeps a token for the tab once it was good, and not before', async () => {
    knows('pp_a');
    gate.present('pp_wrong');
    assert.deepEqual(await admitted(), { kind: 'barred', why: 'refused', name: null });
    assert.equal(storage.length, 0);
    gate.present('pp_a');
    await admitted();
    assert.equal(storage.length, 1);
    gate = open();
    assert.equal((await admitted()).kind, 'admitted', 'also after the page was loaded again');
  });

  it('never puts the token into an address, and lets no redirect have it', async () => {
    knows('pp_a');
    gate.present('pp_a');
    await admitted();
    for (const request of requests) {
      assert.equal(request.url.includes('pp_a'), false);
      assert.equal(request.redirect, 'error');
      assert.equal(request.cache, 'no-store');
    }
  });

  it('forgets a token that is not good any more', async () => {
    knows('pp_a');
    gate.present('pp_a');
    await admitted();
    knows('pp_b');
    assert.deepEqual(await admitted(), { kind: 'barred', why: 'expired', name: null });
    assert.equal(storage.length, 0);
    assert.deepEqual(await admitted(), { kind: 'barred', why: 'no-token', name: null });
  });

  it('forgets a token that ends between the two questions', async () => {
    knows('pp_a');
    answers['v1/chat/tickets'] = () => json({ status: 401 }, 401);
    gate.present('pp_a');
    assert.equal((await admitted()).kind, 'barred');
    assert.equal(storage.length, 0);
  });

  it('says whose token may not chat, without asking for a ticket', async () => {
    answers['v1/whoami'] = () => json({ ...ALICE, role: 'read' });
    gate.present('pp_a');
    assert.deepEqual(await admitted(), { kind: 'barred', why: 'role', name: 'alice' });
    assert.equal(requests.length, 1);
  });

  it('believes a server that gives no ticket for want of a role', async () => {
    knows('pp_a');
    answers['v1/chat/tickets'] = () => json({ requiredRole: 'operate' }, 403);
    gate.present('pp_a');
    assert.deepEqual(await admitted(), { kind: 'barred', why: 'role', name: 'alice' });
  });

  it('has failed, and keeps the token, when the server cannot be reached or is in trouble', async () => {
    knows('pp_a');
    gate.present('pp_a');
    await admitted();
    for (const trouble of [
      () => Promise.reject(new TypeError('Failed to fetch')),
      () => json({ status: 503 }, 503),
      () => new Response('<html>a page of a proxy</html>'),
    ]) {
      answers['v1/chat/tickets'] = trouble;
      assert.deepEqual(await admitted(), { kind: 'failed' });
      const { 'v1/whoami': whoami } = answers;
      answers['v1/whoami'] = trouble;
      assert.deepEqual(await admitted(), { kind: 'failed' });
      answers['v1/whoami'] = whoami;
    }
    assert.equal(storage.length, 1);
  });

  it('answers nothing after it was told to stop, and does not touch the next token', async () => {
    let answerFirst;
    answers['v1/whoami'] = () =>
      new Promise((resolve) => {
        answerFirst = resolve;
      });
    const heard = [];
    gate.present('pp_old');
    const stop = gate.admit((found) => heard.push(found));
    stop();
    assert.equal(requests[0].signal.aborted, true);
    knows('pp_new');
    gate.present('pp_new');
    answerFirst(json({ status: 401 }, 401));
    assert.equal((await admitted()).kind, 'admitted');
    assert.deepEqual(heard, []);
  });

  it('knows nobody after signing out', async () => {
    knows('pp_a');
    gate.present('pp_a');
    await admitted();
    gate.signOut();
    assert.equal(gate.me, null);
    assert.equal(storage.length, 0);
    assert.deepEqual(await admitted(), { kind: 'barred', why: 'no-token', name: null });
  });
});
