// The provider of the benchmarks, a process of its own: `node provider.ts KEY`. It reads just enough HTTP/1.1 to find the end of a
// request, because a complete server would take half a core of the two that are measured. Prints its port.
import { createServer, type Socket } from 'node:net';
import { chatAnswer } from './chat.ts';

const [, , key = ''] = process.argv;
const headerBytesMax = 65_536;
const headEnd = '\r\n\r\n';

const answer = (status: string, body: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\nx-request-id: req_0123456789\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
  );
const completion = answer('200 OK', chatAnswer());
// Whatever arrives without the provider's key is an error of the run, so it must not look like an answer.
const wrongKey = answer('401 Unauthorized', '{"error":{"message":"wrong key"}}');

/** Takes whole requests off the front of `received` and answers each; gives back what is left. */
function serve(socket: Socket, received: Buffer): Buffer {
  let rest = received;
  for (;;) {
    const end = rest.indexOf(headEnd);
    if (end < 0) {
      return rest;
    }
    const head = rest.toString('latin1', 0, end);
    const total = end + headEnd.length + Number(/\r\ncontent-length: (\d+)/iu.exec(head)?.[1] ?? 0);
    if (rest.length < total) {
      return rest;
    }
    socket.write(head.includes(`\r\nauthorization: Bearer ${key}`) ? completion : wrongKey);
    rest = rest.subarray(total);
  }
}

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = serve(socket, rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
    if (rest.length > headerBytesMax) {
      socket.destroy();
    }
  });
  socket.on('error', () => {
    socket.destroy();
  });
});

server.listen({ host: '127.0.0.1', port: 0, backlog: 1_024 }, () => {
  const address = server.address();
  process.stdout.write(`${String(typeof address === 'object' ? address?.port : '')}\n`);
});
process.once('SIGTERM', () => {
  process.exit(0);
});
