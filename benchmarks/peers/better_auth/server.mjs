// better-auth with its memory adapter, the fastest that it has, and without rate limits. Listens on PORT, and says "listening" when it does.
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';

const server = createServer();
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  const { port } = server.address();
  const auth = betterAuth({
    baseURL: `http://127.0.0.1:${port}`,
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    secret: randomBytes(32).toString('hex'),
    emailAndPassword: { enabled: true, autoSignIn: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    advanced: { disableCSRFCheck: true },
  });
  server.on('request', toNodeHandler(auth));
  console.log("listening");
});

// Whoever started this holds its standard input: when that closes, nobody is left to serve.
process.stdin.on('end', () => process.exit()).resume();
