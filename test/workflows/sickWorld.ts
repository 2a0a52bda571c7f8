/** A scripted world whose nodes are single ones that boot, serve and fall ill, kept and judged as real ones are. */
import { chooseNodes, type PresentNode } from '../../adapters/nodes/pool/chooseNodes';
import { assessHealth, graceInUseMs } from '../../core/capacity/nodeHealth';
import type { ScaleInput, VerifyInput } from '../../workflows/contracts';
import { ScriptedWorld } from './stage';

const bootMs = 45_000;

export class SickWorld extends ScriptedWorld {
  nodes: PresentNode[] = [];
  readonly ill = new Set<string>();
  private made = 0;

  constructor(private readonly now: () => Promise<number>) {
    super();
  }

  /** Fewest that served at a look. */
  leastServing = Number.POSITIVE_INFINITY;

  private look(nowMs: number): void {
    this.nodes = this.nodes.map((node) => ({
      ...node,
      state: this.ill.has(node.id) ? 'unhealthy' : nowMs - node.createdMs >= bootMs ? 'routable' : 'booting',
    }));
  }

  serving(): number {
    return this.nodes.filter(({ state }) => state === 'routable').length;
  }

  override activities() {
    const scripted = super.activities();
    return {
      ...scripted,
      scale: async (input: ScaleInput) => {
        await scripted.scale(input);
        const nowMs = await this.now();
        this.look(nowMs);
        const replace = new Set(input.replace);
        const present = this.nodes.map((node) => ({ ...node, givenUp: replace.has(node.id) }));
        const { keep, drop, add } = chooseNodes(present, input.nodes, nowMs);
        const fresh = Array.from(
          { length: add },
          (): PresentNode => ({
            id: `n${this.made++}`,
            createdMs: nowMs,
            expiresMs: nowMs + 86_400_000,
            state: 'booting',
            current: true,
            givenUp: false,
          }),
        );
        this.nodes = [...present.filter(({ id }) => keep.includes(id)), ...fresh];
        const replaced = drop.filter((id) => replace.has(id));
        return {
          created: add,
          removed: drop.length,
          replaced,
          provisioned: this.nodes.length,
          stack: input.settings.name,
          tookMs: 1,
        };
      },
      verify: async (input: VerifyInput) => {
        const nowMs = await this.now();
        this.look(nowMs);
        const looks = this.nodes.flatMap(({ id, state }) =>
          state === 'dead' ? [] : [{ id, state, served: state === 'routable' || this.ill.has(id) }],
        );
        const health = assessHealth({
          before: input.health,
          nodes: looks,
          nowMs,
          graceMs: graceInUseMs(input.settings),
          binMs: input.settings.binMs,
          frozen: input.paused ? 'none is replaced while the category is paused' : null,
        });
        this.leastServing = Math.min(this.leastServing, this.serving());
        const found = await scripted.verify(input);
        const finding = health?.finding ?? found.finding;
        return { ...found, finding, provisioned: this.nodes.length, routable: this.serving(), health };
      },
    };
  }
}
