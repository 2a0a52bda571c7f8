/**
 * Pulumi's resource provider protocol over gRPC on a loopback port, in this very process: the engine finds it through
 * `PULUMI_DEBUG_PROVIDERS=pam:PORT`, so no plugin has to be installed or started for an update.
 */
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
import { type Properties, parseUrn, type ResourceHandler, type ResourceName } from './resourceHandler';

export interface ProviderServerOptions {
  /** By type token. */
  readonly handlers: Readonly<Record<string, ResourceHandler>>;
  /** Told of every failure before it crosses the wire, where an error keeps only its message. */
  readonly onFailure: (resource: ResourceName, error: unknown) => void;
}

export interface ProviderServer {
  readonly port: number;
  close(): void;
}

const version = '1.0.0';

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
  const handlerOf = (name: ResourceName): ResourceHandler => {
    const handler = options.handlers[name.type];
    if (handler === undefined) throw new PamError('INVALID_INPUT', `unknown resource type "${name.type}"`);
    return handler;
  };
  const attempt = async <Result>(
    urn: string,
    act: (handler: ResourceHandler, name: ResourceName) => Promise<Result>,
  ): Promise<Result> => {
    const name = parseUrn(urn);
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
      const response = new messages.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diff: unary<messages.DiffRequest, messages.DiffResponse>((request) => {
      const before = toProperties(request.getOldInputs());
      const after = toProperties(request.getNews());
      const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
        (key) => !isDeepStrictEqual(before[key], after[key]),
      );
      const response = new messages.DiffResponse();
      const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
      response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
      if (handlerOf(parseUrn(request.getUrn())).update === undefined) response.setReplacesList(changed);
      return response;
    }),
    create: unary<messages.CreateRequest, messages.CreateResponse>((request) =>
      attempt(request.getUrn(), async (handler, name) => {
        const inputs = toProperties(request.getProperties());
        const response = new messages.CreateResponse();
        // A preview wants to know what would be there, not to have it.
        const made = request.getPreview()
          ? { id: '', properties: inputs }
          : await handler.create(name, inputs);
        response.setId(made.id);
        response.setProperties(toStruct(made.properties));
        return response;
      }),
    ),
    read: unary<messages.ReadRequest, messages.ReadResponse>((request) =>
      attempt(request.getUrn(), async (handler) => {
        const response = new messages.ReadResponse();
        const found = await handler.read(request.getId(), toProperties(request.getProperties()));
        // An empty id says: gone.
        response.setId(found === null ? '' : request.getId());
        response.setProperties(toStruct(found ?? {}));
        response.setInputs(request.getInputs());
        return response;
      }),
    ),
    update: unary<messages.UpdateRequest, messages.UpdateResponse>((request) =>
      attempt(request.getUrn(), async (handler) => {
        const news = toProperties(request.getNews());
        const response = new messages.UpdateResponse();
        if (handler.update === undefined)
          throw new PamError('REJECTED', `${request.getUrn()} can only be replaced, not updated`);
        response.setProperties(
          toStruct(request.getPreview() ? news : await handler.update(request.getId(), news)),
        );
        return response;
      }),
    ),
    delete: unary<messages.DeleteRequest, Empty>((request) =>
      attempt(request.getUrn(), async (handler) => {
        await handler.delete(request.getId(), toProperties(request.getProperties()));
        return new Empty();
      }),
    ),
  };

  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  server.addService(ResourceProviderService, methods);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, close: () => server.forceShutdown() };
}
