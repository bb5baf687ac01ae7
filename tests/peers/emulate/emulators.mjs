// Emulators of well-known providers, each on a loopback port of its own; says "listening GOOGLE_URL GITHUB_URL ..." when all are
// ready, in the order asked for. Its one argument is JSON: services, clientId, clientSecret, redirectUris, tenantId.
import { createServer } from 'node:net';
import { createEmulator } from 'emulate';

const options = JSON.parse(process.argv[2]);
const hostname = '127.0.0.1';
const people = [
  { login: 'alice', email: 'alice@example.test', name: 'Alice Adams', first_name: 'Alice', last_name: 'Adams' },
  { login: 'bob', email: 'bob@example.test', name: 'Bob Brown', first_name: 'Bob', last_name: 'Brown' },
];
// Where no client is named, these emulators let every client in.
const client = {
  name: 'Tests', client_id: options.clientId, client_secret: options.clientSecret, redirect_uris: options.redirectUris,
};

const seeds = {
  apple: { users: people, oauth_clients: [{ ...client, team_id: 'DEF123GHIJ', key_id: 'ABC123DEFG' }] },
  github: { users: people, oauth_apps: [client] },
  google: { users: people, oauth_clients: [client] },
  microsoft: {
    users: people.map((person) => ({ ...person, tenant_id: options.tenantId })),
    oauth_clients: [{ ...client, tenant_id: options.tenantId }],
  },
  okta: {
    users: people.map((person) => ({ ...person, login: person.email })),
    oauth_clients: [{ ...client, auth_server_id: 'org' }],
  },
};

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject).listen(0, hostname, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function start(service) {
  const port = await freePort();
  const seed = { tokens: {}, [service]: seeds[service] };
  const emulator = await createEmulator({ service, hostname, port, baseUrl: `http://${hostname}:${port}`, seed });
  return emulator.url;
}

const urls = [];
for (const service of options.services) urls.push(await start(service));
console.log(`listening ${urls.join(' ')}`);

// Whoever started this holds its standard input: when that closes, nobody is left to serve.
process.stdin.on('end', () => process.exit()).resume();
