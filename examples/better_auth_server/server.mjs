// A better-auth server to swap to on your own machine: docs/swap-backends.md. http://localhost:3000/ leads to the
// development provider, the only one where people sign in; "?as=alice" tells that one who it is. All is in memory.
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { bearer, genericOAuth } from 'better-auth/plugins';

const provider = {
  providerId: 'acme',
  discoveryUrl: 'http://localhost:9094/.well-known/openid-configuration',
  clientId: 'netscript-dev',
  clientSecret: 'demo',
  scopes: ['openid', 'email', 'profile'],
  pkce: true,
};
const auth = betterAuth({
  baseURL: 'http://localhost:3000',
  secret: 'known to everybody, and good for nothing but this example',
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
  plugins: [bearer(), genericOAuth({ config: [provider] })],
});
const answer = toNodeHandler(auth);

createServer(async (request, response) => {
  const url = new URL(request.url, auth.options.baseURL);
  if (url.pathname.startsWith('/api/auth/')) return answer(request, response);
  if (url.pathname !== '/') return response.end('Signed in at better-auth\n');
  const { response: begun, headers } = await auth.api.signInSocial({
    body: { provider: 'acme', callbackURL: '/done' },
    returnHeaders: true,
  });
  const hint = `&login_hint=${encodeURIComponent(url.searchParams.get('as') ?? '')}`;
  response.writeHead(302, { location: begun.url + hint, 'set-cookie': headers.getSetCookie() }).end();
}).listen(3000, '127.0.0.1');
