/** A port → a client of Pulumi's provider protocol, as anybody on the machine can have one. */
import { credentials } from '@grpc/grpc-js';
import type * as plugin from '@pulumi/pulumi/proto/plugin_pb';
import { ResourceProviderClient } from '@pulumi/pulumi/proto/provider_grpc_pb';
import * as messages from '@pulumi/pulumi/proto/provider_pb';
import { type JavaScriptValue, Struct } from 'google-protobuf/google/protobuf/struct_pb';

type Values = Readonly<Record<string, unknown>>;
const structOf = (values: Values): Struct =>
  Struct.fromJavaScript(JSON.parse(JSON.stringify(values)) as Record<string, JavaScriptValue>);

export const urnOf = (stack: string, type: string, name: string): string =>
  `urn:pulumi:${stack}::pam::${type}::${name}`;

export interface ProviderClient {
  create(urn: string, properties: Values, preview?: boolean): Promise<string>;
  update(urn: string, id: string, news: Values): Promise<string>;
  delete(urn: string, id: string, properties: Values): Promise<string>;
  read(urn: string, id: string, properties: Values): Promise<string>;
  /** A call of that method with an empty message of its type. */
  call(
    method: 'invoke' | 'call' | 'construct' | 'cancel' | 'attach' | 'configure' | 'check' | 'diff',
    message: unknown,
  ): Promise<string>;
  close(): void;
}

/** Each call resolves with `ok`, an id or what was read, or with the message of its refusal. */
export function providerClient(port: number): ProviderClient {
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const answered = <Response>(
    send: (done: (error: Error | null, response: Response) => void) => unknown,
    text: (response: Response) => string,
  ): Promise<string> =>
    new Promise((resolve) => {
      send((error, response) => resolve(error === null ? text(response) : `refused: ${error.message}`));
    });
  return {
    create(urn, properties, preview = false) {
      const request = new messages.CreateRequest();
      request.setUrn(urn);
      request.setProperties(structOf(properties));
      request.setPreview(preview);
      return answered<messages.CreateResponse>(
        (done) => client.create(request, done),
        (response) => response.getId() || 'ok',
      );
    },
    update(urn, id, news) {
      const request = new messages.UpdateRequest();
      request.setUrn(urn);
      request.setId(id);
      request.setNews(structOf(news));
      return answered(
        (done) => client.update(request, done),
        () => 'ok',
      );
    },
    delete(urn, id, properties) {
      const request = new messages.DeleteRequest();
      request.setUrn(urn);
      request.setId(id);
      request.setProperties(structOf(properties));
      return answered(
        (done) => client.delete(request, done),
        () => 'ok',
      );
    },
    read(urn, id, properties) {
      const request = new messages.ReadRequest();
      request.setUrn(urn);
      request.setId(id);
      request.setProperties(structOf(properties));
      return answered<messages.ReadResponse>(
        (done) => client.read(request, done),
        (response) => JSON.stringify(response.getProperties()?.toJavaScript() ?? {}),
      );
    },
    call(method, message) {
      const send = client[method].bind(client) as unknown as (
        request: unknown,
        done: (error: Error | null, response: plugin.PluginInfo) => void,
      ) => unknown;
      return answered(
        (done) => send(message, done),
        () => 'ok',
      );
    },
    close: () => client.close(),
  };
}
