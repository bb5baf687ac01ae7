// A certified OpenID provider on a loopback port of its own choosing; says "listening ISSUER PORT" when it is ready.
// Its one argument is JSON: hostname, clientId, clientSecret, redirectUris, postLogoutRedirectUris, registrationToken, and
// issuer where something in front ends TLS.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const options = JSON.parse(process.argv[2]);

const people = {
  alice: { name: 'Alice Adams', email: 'alice@example.test', email_verified: true },
  bob: { name: 'Bob Brown', email: 'bob@example.test', email_verified: false },
};

function findAccount(_context, id) {
  const person = people[id] ?? { name: id, email: `${id}@example.test`, email_verified: true };
  return { accountId: id, claims: () => ({ sub: id, ...person }) };
}

function signingKey(type, parameters, alg) {
  const { privateKey } = generateKeyPairSync(type, parameters);
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg };
}

const configuration = {
  clients: [{
    client_id: options.clientId,
    client_secret: options.clientSecret,
    redirect_uris: options.redirectUris,
    post_logout_redirect_uris: options.postLogoutRedirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }],
  findAccount,
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  features: {
    devInteractions: { enabled: true },
    registration: { enabled: true, initialAccessToken: options.registrationToken },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
  },
  pkce: { required: () => true },
  issueRefreshToken: (_context, client, code) => client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
  rotateRefreshToken: true,
  conformIdTokenClaims: true,
  cookies: { keys: [randomBytes(32).toString('hex')] },
  jwks: { keys: [signingKey('rsa', { modulusLength: 2048 }, 'RS256'), signingKey('ec', { namedCurve: 'P-256' }, 'ES256')] },
  // Authlib treats a token as expired 60 s early, so nothing lives for less than two minutes.
  ttl: { AccessToken: 300, AuthorizationCode: 120, Grant: 3600, IdToken: 300, Interaction: 600, RefreshToken: 3600, Session: 3600 },
  // Back-channel logout calls the relying party, which is on loopback here: leave out the dispatcher that refuses that.
  fetch: (url, { dispatcher: _refusesLoopback, ...init }) => globalThis.fetch(url, init),
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(options.issuer ?? `http://${options.hostname}:${port}`, configuration);
  provider.on('server_error', (_context, error) => console.error(error));
  const answer = provider.callback();
  provider.proxy = options.issuer !== null;
  server.on('request', (request, response) => {
    if (provider.proxy) request.headers['x-forwarded-proto'] = 'https';
    answer(request, response);
  });
  console.log(`listening ${provider.issuer} ${port}`);
});

// Whoever started this holds its standard input: when that closes, nobody is left to serve.
process.stdin.on('end', () => process.exit()).resume();
