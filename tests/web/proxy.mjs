/* proxy - a TCP relay in front of a hub that a test can silence or cut: a dead line, whatever hub is behind it. */
import { connect, createServer } from 'node:net';

export async function startProxy(target) {
  const { hostname, port } = new URL(target);
  const pairs = new Set();
  let silent = false;
  const server = createServer((client) => {
    const hub = connect(Number(port || 80), hostname);
    const pair = { client, hub };
    pairs.add(pair);
    client.on('data', (b) => hub.write(b));
    hub.on('data', (b) => silent || client.write(b));
    const end = () => {
      client.destroy();
      hub.destroy();
      pairs.delete(pair);
    };
    for (const s of [client, hub])
      s.on('error', end).on('close', end);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const cut = () => pairs.forEach(({ client, hub }) => { client.destroy(); hub.destroy(); });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /* Connections stay open and nothing comes. */
    silence() { silent = true; },
    restore() {
      if (silent)
        cut();
      silent = false;
    },
    cut,
    close() { cut(); server.close(); },
  };
}
