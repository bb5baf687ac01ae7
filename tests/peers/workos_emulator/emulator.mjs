// WorkOS's own emulator of its API (npm `workos`), and its Node SDK, on a loopback port; says "listening PORT" when ready.
// POST /_environments {clientId, apiKey, people} makes a new, empty environment and answers {baseUrl, users}.
// POST /_node {clientId, apiKey, call, argument} calls a method of the Node SDK's userManagement that asks no server.
//
// Where the emulator is known to differ from production, it is brought closer here, and nowhere else:
// - time: a request with the header x-peer-time happens at that time, so that a test can move on;
// - access tokens: production's claims (client_id, auth_time, jti, iss), five minutes, and no aud;
// - sessions: a refresh keeps its session; one that was revoked, or is over, cannot be refreshed; they have an end and a status;
// - a refusal of a refresh has OAuth's form; identities are a plain list with idp_id.
import { AsyncLocalStorage } from 'node:async_hooks';
import crypto, { createSign } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { serve } from '@hono/node-server';
import { WorkOS } from '@workos-inc/node';

const request = new AsyncLocalStorage();
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...parts) { parts.length ? super(...parts) : super(Date.now()); }
  static now() { return request.getStore()?.now ?? RealDate.now(); }
};

// One pair of keys for all environments: making one takes a tenth of a second.
const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
crypto.generateKeyPairSync = () => pair;
syncBuiltinESMExports();

const emulate = new URL('./node_modules/workos/dist/emulate/', import.meta.url);
const { createServer } = await import(new URL('core/index.js', emulate));
const { JWTManager } = await import(new URL('core/jwt.js', emulate));
const { workosPlugin, seedFromConfig, getWorkOSStore } = await import(new URL('workos/index.js', emulate));

const ACCESS_TOKEN_SECONDS = 300;
const SESSION_SECONDS = 7 * 24 * 3600;

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
JWTManager.prototype.sign = function (payload) {
  const { aud: clientId, ...claims } = payload;
  const now = Math.floor(Date.now() / 1000);
  const { refreshed, environment } = request.getStore();
  const body = {
    ...claims,
    ...environment.claims,
    iss: `https://api.workos.com/user_management/${clientId}`,
    client_id: clientId, auth_time: refreshed ? Math.floor(Date.parse(refreshed.created_at) / 1000) : now, jti: crypto.randomUUID(), iat: now, exp: now + ACCESS_TOKEN_SECONDS,
  };
  const signed = `${encoded({ alg: 'RS256', kid: this.kid })}.${encoded(body)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(this.privateKey, 'base64url')}`;
};

function keepSessions(ws) {
  const insert = ws.sessions.insert.bind(ws.sessions);
  ws.sessions.insert = (data) => request.getStore()?.refreshed ?? insert({
    ...data, auth_method: 'password', status: 'active', ended_at: null,
    expires_at: new Date(Date.now() + SESSION_SECONDS * 1000).toISOString(),
  });
}

const environments = [];
function environment({ clientId, apiKey, people, claims }) {
  const prefix = `/e${environments.length}`;
  const baseUrl = `http://127.0.0.1:${port}${prefix}`;
  const { app, store } = createServer(workosPlugin, { port, baseUrl, apiKeys: { [apiKey]: { environment: 'test' } } });
  const ws = getWorkOSStore(store);
  keepSessions(ws);
  seedFromConfig(store, baseUrl, { users: people });
  for (const { email, identities = [] } of people) {
    for (const each of identities) ws.identities.insert({ object: 'identity', user_id: ws.users.findOneBy('email', email).id, ...each });
  }
  environments.push({ app, ws, prefix, baseUrl, clientId, claims });
  return { baseUrl, users: Object.fromEntries(ws.users.all().map((user) => [user.email, user.id])) };
}

const json = (body, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

// What the session of a refresh token is, unless it is over.
function refreshedSession({ ws }, token) {
  const known = ws.refreshTokens.findOneBy('token', token);
  const session = known && ws.sessions.get(known.session_id);
  return session && Date.parse(session.expires_at) > Date.now() ? session : undefined;
}

async function authenticate(env, incoming) {
  const body = await incoming.clone().json();
  if (body.grant_type !== 'refresh_token') return env.app.fetch(incoming);
  const refreshed = refreshedSession(env, body.refresh_token);
  const answer = refreshed && await request.run({ ...request.getStore(), refreshed }, () => env.app.fetch(incoming));
  if (answer?.ok) return answer;
  return json({ error: 'invalid_grant', error_description: 'Session has already ended.' }, 400);
}

async function dispatch(env, incoming) {
  for (const session of env.ws.sessions.all()) {
    if (Date.parse(session.expires_at) <= Date.now()) env.ws.sessions.delete(session.id);
  }
  const { pathname } = new URL(incoming.url);
  if (pathname === '/user_management/authenticate') return authenticate(env, incoming);
  const answer = await env.app.fetch(incoming);
  if (!/\/identities$/.test(pathname) || !answer.ok) return answer;
  const { data } = await answer.json();
  return json(data.map(({ provider, provider_id, type }) => ({ idp_id: provider_id, provider, type })));
}

const node = ({ clientId, apiKey, call, argument }) => new WorkOS(apiKey, { clientId }).userManagement[call](argument);

async function answer(incoming) {
  const url = new URL(incoming.url);
  if (url.pathname === '/_environments') return json(environment(await incoming.json()));
  if (url.pathname === '/_node') return json(await node(await incoming.json()));
  const [, number, rest] = /^\/e(\d+)(\/.*)$/.exec(url.pathname) ?? [];
  const env = environments[number];
  if (!env) return json({ message: 'Not Found' }, 404);
  const time = incoming.headers.get('x-peer-time');
  url.pathname = rest;
  return request.run({ environment: env, now: time ? Math.round(+time * 1000) : undefined }, () => dispatch(env, new Request(url, incoming)));
}

let port;
serve({ fetch: answer, port: 0, hostname: '127.0.0.1' }, (address) => { port = address.port; console.log(`listening ${port}`); });
// Whoever started this holds its standard input: when that closes, nobody is left to serve.
process.stdin.on('end', () => process.exit()).resume();
