// A real better-auth server on a loopback port of its own choosing; says "listening ORIGIN PORT" when it is ready.
// Its one argument is JSON:
//   hostname, port  of its base URL; port 0: any
//   baseURL         instead, where something in front ends TLS or joins paths
//   secret          what its cookies are signed with
//   database        "memory", or the address of a PostgreSQL server
//   signingKey      of the jwt plugin, such as {"alg": "EdDSA", "crv": "Ed25519"}
//   cookieCache     whether it leaves session_data in browsers
//   cookieDomain    to share cookies with sibling hosts, or null
//   trustedOrigins  beside its own
//   rateLimit       whether it counts requests, as it does in production: 100 in 10 seconds for each path
//   federation      an OpenID provider at which people may sign in as well, as the generic-oauth plugin wants it, or null
// A request with the header x-test-clock (milliseconds) is answered as at that time. Below /test/ a test changes what
// only an administrator could; / is the page to sign in at, and leads on to the query's "to".
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { admin, bearer, genericOAuth, jwt } from 'better-auth/plugins';
import pg from 'pg';

const options = JSON.parse(process.argv[2]);

const RealDate = Date;
let frozen = null;
const now = () => frozen ?? RealDate.now();
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given) => (given.length > 0 ? new target(...given) : new target(now())),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});

// Hashing passwords slowly is what keeps a stolen database safe, and what makes a thousand sign-ins of a test slow.
const hash = async (password) => createHash('sha256').update(password).digest('hex');
const verify = async ({ hash: kept, password }) => kept === (await hash(password));

function storage() {
  if (options.database !== 'memory') return new pg.Pool({ connectionString: options.database });
  return memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] });
}

function configuration(baseURL) {
  return {
    baseURL,
    database: storage(),
    secret: options.secret,
    trustedOrigins: options.trustedOrigins,
    emailAndPassword: { enabled: true, autoSignIn: true, password: { hash, verify } },
    rateLimit: { enabled: options.rateLimit },
    telemetry: { enabled: false },
    session: { cookieCache: { enabled: options.cookieCache } },
    advanced: options.cookieDomain ? { crossSubDomainCookies: { enabled: true, domain: options.cookieDomain } } : {},
    plugins: [
      admin(),
      bearer(),
      ...(options.federation ? [genericOAuth({ config: [options.federation] })] : []),
      // Two tokens of one person in one second would be the same token, were the session not in it.
      jwt({
        jwks: { keyPairConfig: options.signingKey },
        jwt: { definePayload: ({ user, session }) => ({ ...user, sid: session.id }) },
      }),
    ],
  };
}

const page = `<!doctype html><title>Sign in to Acme</title>
<form><label>E-mail <input name="email" type="email"></label> <label>Password <input name="password" type="password"></label>
<button>Sign in</button></form>
<script>
  document.forms[0].addEventListener('submit', async (event) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target));
    const answer = await fetch('/api/auth/sign-in/email', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields),
    });
    if (!answer.ok) return document.body.append((await answer.json()).message);
    const to = new URLSearchParams(location.search).get('to');
    if (to) location.assign(to); else document.body.append('Welcome to Acme');
  });
</script>`;

// What only an administrator could do, by the last part of the path below /test/.
const acts = {
  account: ({ internalAdapter }, { userId, ...account }) => internalAdapter.linkAccount({ userId, ...account }),
  user: ({ internalAdapter }, { userId, banExpires, ...fields }) =>
    internalAdapter.updateUser(userId, banExpires ? { ...fields, banExpires: new Date(banExpires) } : fields),
  sessions: ({ internalAdapter }, { userId }) => internalAdapter.listSessions(userId),
  impersonate: ({ internalAdapter }, { token, by }) => internalAdapter.updateSession(token, { impersonatedBy: by }),
  end: ({ internalAdapter }, { token }) => internalAdapter.deleteSession(token),
};

async function act(context, request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const result = await acts[request.url.split('/').pop()](context, JSON.parse(Buffer.concat(chunks)));
  response.setHeader('content-type', 'application/json').end(JSON.stringify(result ?? null));
}

const server = createServer();
server.listen(options.port, '127.0.0.1', async () => {
  const { port } = server.address();
  const baseURL = options.baseURL ?? `http://${options.hostname}:${port}`;
  const settings = configuration(baseURL);
  const auth = betterAuth(settings);
  if (options.database !== 'memory') await (await getMigrations(settings)).runMigrations();
  const context = await auth.$context;
  const answer = toNodeHandler(auth);
  server.on('request', (request, response) => {
    const clock = request.headers['x-test-clock'];
    frozen = clock ? Number(clock) : null;
    if (request.url.startsWith('/api/auth/')) return answer(request, response);
    if (request.url.startsWith('/test/')) return act(context, request, response);
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
  });
  console.log(`listening ${baseURL} ${port}`);
});

// Whoever started this holds its standard input: when that closes, nobody is left to serve.
process.stdin.on('end', () => process.exit()).resume();
