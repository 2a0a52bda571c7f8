/**
 * Pulumi's resource provider protocol over gRPC on a loopback port, in this very process: the engine finds it through
 * `PULUMI_DEBUG_PROVIDERS=pam:PORT`, so no plugin has to be installed or started for an update. Every user of the machine
 * finds that port too, and Pulumi knows no socket with permissions: only what this process started is let in
 * (`callingProcess.ts`), and only what it announced is done (`announcedOrders.ts`).
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import * as plugin from '@pulumi/pulumi/proto/plugin_pb';
import { ResourceProviderService } from '@pulumi/pulumi/proto/provider_grpc_pb';
import * as messages from '@pulumi/pulumi/proto/provider_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { type JavaScriptValue, Struct } from 'google-protobuf/google/protobuf/struct_pb';
import { PamError } from '../../core/errors';
import { messageOf } from '../../core/thrown';
import type { AnnouncedOrders, Permission } from './announcedOrders';
import { calledByOwnChild } from './callingProcess';
import { type Properties, parseUrn, type ResourceHandler, type ResourceName } from './resourceHandler';

export interface ProviderServerOptions {
  /** By type token. */
  readonly handlers: Readonly<Record<string, ResourceHandler>>;
  /** Told of every failure before it crosses the wire, where an error keeps only its message. */
  readonly onFailure: (resource: ResourceName, error: unknown) => void;
  /** What this process has announced; everything else is refused. */
  readonly orders: AnnouncedOrders;
  /** Told of every refused connection and order. */
  readonly onRefused?: (why: string) => void;
  /** Whether a connection from that port of the loopback address is let in; absent: only of processes that this one started. */
  readonly admits?: (callingPort: number, ownPort: number) => boolean;
}

export interface ProviderServer {
  readonly port: number;
  close(): void;
}

const version = '1.0.0';
/** Of one message: far above any order, far below what would exhaust the worker. */
const longestMessageBytes = 16 * 1024 * 1024;

/** Absent and undefined are one and the same on the wire. */
function toStruct(properties: Properties): Struct {
  const plain = JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>;
  return Struct.fromJavaScript(plain);
}
const toProperties = (struct: Struct | undefined): Properties => struct?.toJavaScript() ?? {};

/** Answers a unary call with what `respond` resolves to. */
function unary<Request, Response>(
  respond: (request: Request) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => respond(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback({ code: status.UNKNOWN, details: messageOf(error) }),
      );
  };
}

/** Starts serving; resolves with the port. Serves any number of stacks and updates at once. */
export async function serveProvider(options: ProviderServerOptions): Promise<ProviderServer> {
  const { orders, admits = calledByOwnChild, onRefused = () => undefined } = options;
  const permitted = <Result>(permit: () => Result): Result => {
    try {
      return permit();
    } catch (error) {
      onRefused(messageOf(error));
      throw error;
    }
  };
  /** For requests that only ask: an answer only while a command of ours runs on the stack. */
  const looked = (urn: string): ResourceName => {
    const name = parseUrn(urn);
    permitted(() => orders.permitLook(name));
    return name;
  };
  const handlerOf = (name: ResourceName): ResourceHandler => {
    const handler = options.handlers[name.type];
    if (handler === undefined) throw new PamError('INVALID_INPUT', `unknown resource type "${name.type}"`);
    return handler;
  };
  const attempt = async <Result>(
    name: ResourceName,
    act: (handler: ResourceHandler, name: ResourceName) => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await act(handlerOf(name), name);
    } catch (error) {
      options.onFailure(name, error);
      throw error;
    }
  };

  const methods: UntypedServiceImplementation = {
    getPluginInfo: unary<Empty, plugin.PluginInfo>(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(version);
      return info;
    }),
    attach: unary<plugin.PluginAttach, Empty>(() => new Empty()),
    cancel: unary<Empty, Empty>(() => new Empty()),
    getSchema: unary<messages.GetSchemaRequest, messages.GetSchemaResponse>(() => {
      const response = new messages.GetSchemaResponse();
      response.setSchema('{}');
      return response;
    }),
    configure: unary<messages.ConfigureRequest, messages.ConfigureResponse>(
      () => new messages.ConfigureResponse(),
    ),
    check: unary<messages.CheckRequest, messages.CheckResponse>((request) => {
      looked(request.getUrn());
      const response = new messages.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diff: unary<messages.DiffRequest, messages.DiffResponse>((request) => {
      const name = looked(request.getUrn());
      const before = toProperties(request.getOldInputs());
      const after = toProperties(request.getNews());
      const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
        (key) => !isDeepStrictEqual(before[key], after[key]),
      );
      const response = new messages.DiffResponse();
      const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
      response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
      if (handlerOf(name).update === undefined) response.setReplacesList(changed);
      return response;
    }),
    create: unary<messages.CreateRequest, messages.CreateResponse>((request) => {
      const asked = toProperties(request.getProperties());
      const name = request.getPreview() ? looked(request.getUrn()) : parseUrn(request.getUrn());
      // A preview wants to know what would be there, not to have it.
      const permission: Permission = request.getPreview()
        ? { act: false }
        : permitted(() => orders.permitCreate(name, asked));
      return attempt(name, async (handler) => {
        const response = new messages.CreateResponse();
        const made = permission.act
          ? await handler.create(name, permission.properties)
          : { id: '', properties: asked };
        response.setId(made.id);
        response.setProperties(toStruct(made.properties));
        return response;
      });
    }),
    read: unary<messages.ReadRequest, messages.ReadResponse>((request) =>
      attempt(looked(request.getUrn()), async (handler, { stack }) => {
        const response = new messages.ReadResponse();
        // A stack is a category's: that of another one is not read through it.
        const properties = { ...toProperties(request.getProperties()), category: stack };
        const found = await handler.read(request.getId(), properties);
        // An empty id says: gone.
        response.setId(found === null ? '' : request.getId());
        response.setProperties(toStruct(found ?? {}));
        response.setInputs(request.getInputs());
        return response;
      }),
    ),
    update: unary<messages.UpdateRequest, messages.UpdateResponse>((request) => {
      const news = toProperties(request.getNews());
      const name = request.getPreview() ? looked(request.getUrn()) : parseUrn(request.getUrn());
      const permission: Permission = request.getPreview()
        ? { act: false }
        : permitted(() => orders.permitUpdate(name, request.getId(), news));
      return attempt(name, async (handler) => {
        const response = new messages.UpdateResponse();
        if (handler.update === undefined)
          throw new PamError('REJECTED', `${request.getUrn()} can only be replaced, not updated`);
        response.setProperties(
          toStruct(permission.act ? await handler.update(request.getId(), permission.properties) : news),
        );
        return response;
      });
    }),
    delete: unary<messages.DeleteRequest, Empty>((request) => {
      const name = parseUrn(request.getUrn());
      const permission = permitted(() => orders.permitDelete(name, request.getId()));
      return attempt(name, async (handler) => {
        if (permission.act) await handler.delete(request.getId(), permission.properties);
        return new Empty();
      });
    }),
  };

  const server = new Server({ 'grpc.max_receive_message_length': longestMessageBytes });
  server.addService(ResourceProviderService, methods);
  const calls = server.createConnectionInjector(ServerCredentials.createInsecure());
  const connections = new Set<Socket>();
  const listener = createServer((socket) => {
    const { remotePort = 0, localPort = 0 } = socket;
    socket.on('error', () => socket.destroy());
    if (!admits(remotePort, localPort)) {
      socket.destroy();
      onRefused('a connection to the provider of Pulumi was refused: no process of this worker made it');
      return;
    }
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    calls.injectConnection(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  return {
    port: (listener.address() as AddressInfo).port,
    close() {
      listener.close();
      calls.destroy();
      server.forceShutdown();
      for (const socket of connections) socket.destroy();
    },
  };
}
