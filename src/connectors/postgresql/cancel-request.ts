import { connect } from 'node:net';

const CANCEL_CODE = 80_877_102;

/** A statement of a server process, as the protocol's cancel request names it. */
export interface RunningProcess {
  readonly host: string;
  readonly port: number;
  readonly processId: number;
  readonly secretKey: number;
}

/** Asks the server to cancel what a process runs; has no effect if it runs nothing. Never throws. */
export function sendCancelRequest({ host, port, processId, secretKey }: RunningProcess): void {
  const request = Buffer.alloc(16);
  [16, CANCEL_CODE, processId, secretKey].forEach((value, index) => request.writeInt32BE(value, index * 4));
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  // The server closes the connection without an answer. If it is gone, the statement ends anyway.
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.destroy());
  socket.unref();
  socket.end(request);
}
