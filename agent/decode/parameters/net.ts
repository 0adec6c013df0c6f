import { FILE_FLAGS, SOCKET_FAMILIES } from '../flag-tables.ts';
import { eventNet, eventSocket } from '../layout.gen.ts';
import { address, choice, flags, ownFd, plain, type RecordParameter, res, resFd, tuple } from './parameter.ts';

const fd = ownFd('fd', (event) => event.bytes.s32(eventNet.fd));
const SEND = [res, fd, plain('size', 'UINT', (event) => event.bytes.u64(eventNet.size)), tuple];

export const NET_PARAMETERS = {
  socket: [
    resFd('fd'),
    choice('domain', SOCKET_FAMILIES, (event) => event.bytes.u32(eventSocket.domain)),
    plain('type', 'UINT', (event) => event.bytes.u32(eventSocket.type)),
    plain('proto', 'UINT', (event) => event.bytes.u32(eventSocket.protocol)),
    flags('flags', FILE_FLAGS, (event) => event.socketFlags),
  ],
  connect: [res, tuple, fd, address],
  accept: [resFd('fd'), tuple],
  accept4: [resFd('fd'), tuple, plain('flags', 'HEX', (event) => event.bytes.u32(eventNet.flags))],
  bind: [res, address, fd],
  listen: [res, fd, plain('backlog', 'INT', (event) => event.bytes.s32(eventNet.flags))],
  sendto: SEND,
  sendmsg: SEND,
  sendmmsg: SEND,
} as const satisfies Record<string, readonly RecordParameter[]>;
