/** The two messages of incremental discovery, as objects. */
import { decode, encode } from '../xds/messages';

export interface DeltaRequest {
  readonly node: {
    readonly id: string;
    readonly metadata: {
      readonly fields: Readonly<
        Record<string, { readonly stringValue: string; readonly numberValue: number }>
      >;
    } | null;
  } | null;
  readonly type_url: string;
  readonly resource_names_subscribe: readonly string[];
  readonly resource_names_unsubscribe: readonly string[];
  readonly initial_resource_versions: Readonly<Record<string, string>>;
  /** Empty: no answer to a response. */
  readonly response_nonce: string;
  /** A refusal, with its reason. */
  readonly error_detail: { readonly message: string } | null;
}

export interface DeltaResponse {
  readonly type_url: string;
  readonly nonce: string;
  readonly resources: readonly {
    readonly name: string;
    readonly version: string;
    readonly bytes: Uint8Array;
  }[];
  readonly removed: readonly string[];
}

export const decodeRequest = (bytes: Uint8Array): DeltaRequest =>
  decode<DeltaRequest>('envoy.service.discovery.v3.DeltaDiscoveryRequest', bytes);

export const encodeResponse = ({ type_url, nonce, resources, removed }: DeltaResponse): Uint8Array =>
  encode('envoy.service.discovery.v3.DeltaDiscoveryResponse', {
    type_url,
    nonce,
    resources: resources.map(({ name, version, bytes }) => ({
      name,
      version,
      resource: { type_url, value: bytes },
    })),
    removed_resources: [...removed],
  });
