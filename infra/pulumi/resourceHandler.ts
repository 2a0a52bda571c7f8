/** What the provider server asks of whoever makes one type of resource real. Plain values in, plain values out. */

/** A resource's properties as they are in Pulumi's state. */
export type Properties = Readonly<Record<string, unknown>>;

export interface ResourceName {
  /** Stack that the resource belongs to. */
  readonly stack: string;
  /** Type token, e.g. `pam:local:Node`. */
  readonly type: string;
  /** Logical name in the program. */
  readonly name: string;
}

export interface ResourceHandler {
  /** Makes it; a failure must leave nothing behind. */
  create(name: ResourceName, inputs: Properties): Promise<{ id: string; properties: Properties }>;
  /** Its present properties; null when it is gone. */
  read(id: string, properties: Properties): Promise<Properties | null>;
  /** Absent: any changed input replaces the resource. */
  update?(id: string, inputs: Properties): Promise<Properties>;
  /** Idempotent: what is gone already is fine. */
  delete(id: string, properties: Properties): Promise<void>;
}

/** `urn:pulumi:STACK::PROJECT::[PARENT$]TYPE::NAME` in its parts. */
export function parseUrn(urn: string): ResourceName {
  const [head = '', , type = '', ...name] = urn.split('::');
  return {
    stack: head.replace(/^urn:pulumi:/, ''),
    type: type.split('$').at(-1) ?? type,
    name: name.join('::'),
  };
}
