import { connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server of loopback, and does to their connection what networks do. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** New connections lead there. */
  retarget(port: number): void;
  /** Nothing passes any more, and nobody is told: connections stay as they are. New ones are taken, and hear nothing either. */
  hush(): void;
  /** What is asked arrives; what is answered does not. */
  dropReplies(): void;
  /** What is answered from now on arrives so many milliseconds later, in its order. */
  delay(ms: number): void;
  /** New connections pass again. Those that were hushed never do. */
  pass(): void;
  /** Ends every connection. */
  cut(): void;
  stop(): Promise<void>;
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let mode: 'pass' | 'hushed' | 'no replies' = 'pass';
  let targetPort = target;
  let delayMs = 0;

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  };
  const server = createServer((client) => {
    keep(client);
    if (mode === 'hushed') {
      return;
    }
    let isLost = false;
    const upstream = connect(targetPort, '127.0.0.1');
    keep(upstream);
    const answer = delayed(
      (bytes) => {
        client.write(bytes);
      },
      () => delayMs,
    );
    client.on('data', (bytes) => {
      if (mode === 'hushed') {
        isLost = true;
      }
      if (!isLost) {
        upstream.write(bytes);
      }
    });
    upstream.on('data', (bytes) => {
      if (mode !== 'pass') {
        isLost = true;
      }
      if (!isLost) {
        answer(bytes);
      }
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => {
      if (mode !== 'hushed') {
        client.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const cut = (): void => {
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    cut();
    await closed;
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    retarget: (port) => {
      targetPort = port;
    },
    hush: () => {
      mode = 'hushed';
    },
    dropReplies: () => {
      mode = 'no replies';
    },
    delay: (ms) => {
      delayMs = ms;
    },
    pass: () => {
      mode = 'pass';
    },
    cut,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Hands each piece on after the delay that was in force when it came, and never before one that came earlier. */
function delayed(handOn: (bytes: Buffer) => void, delayMs: () => number): (bytes: Buffer) => void {
  const waiting: { readonly bytes: Buffer; readonly dueMs: number }[] = [];
  const work = (): void => {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const leftMs = first.dueMs - performance.now();
      if (leftMs > 0) {
        setTimeout(work, leftMs);
        return;
      }
      waiting.shift();
      handOn(first.bytes);
    }
  };
  return (bytes) => {
    if (waiting.push({ bytes, dueMs: performance.now() + delayMs() }) === 1) {
      work();
    }
  };
}
