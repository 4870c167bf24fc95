import { createServer, type Server, type Socket } from "node:net";

export interface Listener extends AsyncDisposable {
  /** The first one who connects; later ones are turned away. */
  connection: Promise<Socket>;
}

/** Listens on a Unix socket for QEMU, so that nothing has to wait for QEMU to make its own. */
export async function listenForOne(path: string): Promise<Listener> {
  let accept: (socket: Socket) => void = () => {};
  let isTaken = false;
  let taken: Socket | undefined;
  const connection = new Promise<Socket>((resolve) => {
    accept = resolve;
  });
  const server = createServer((socket) => {
    if (isTaken) return void socket.destroy();
    isTaken = true;
    taken = socket;
    // A reset is the same as an end to us: QEMU is gone, and `ended` tells how.
    socket.on("error", () => {});
    accept(socket);
  });
  await listening(server, path);
  return {
    connection,
    async [Symbol.asyncDispose]() {
      taken?.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
