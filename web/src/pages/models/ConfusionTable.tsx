import type { Curves } from "~/pages/models/comparison";
import * as format from "~/parts/format";

/** Verdicts against labels, with shares of each label. */
export function ConfusionTable({ curves }: { curves: Curves }) {
  const { true_graphene, missed, false_alarms, true_other } = curves.confusion;
  const graphene = true_graphene + missed;
  const other = false_alarms + true_other;
  return (
    <div class="table-frame models-confusion">
      <table class="table">
        <caption>Verdicts from p = {curves.threshold.toFixed(3)} on</caption>
        <thead>
          <tr>
            <th scope="col">It is</th>
            <th scope="col" class="number">
              called graphene
            </th>
            <th scope="col" class="number">
              called other
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">graphene</th>
            <Count name="found" count={true_graphene} of={graphene} isRight />
            <Count name="missed" count={missed} of={graphene} />
          </tr>
          <tr>
            <th scope="row">other</th>
            <Count name="false alarms" count={false_alarms} of={other} />
            <Count name="refused" count={true_other} of={other} isRight />
          </tr>
        </tbody>
      </table>
    </div>
  );
}

interface CountProps {
  name: string;
  count: number;
  of: number;
  isRight?: boolean;
}

function Count({ name, count, of, isRight }: CountProps) {
  return (
    <td class={isRight ? "number models-right" : "number models-wrong"}>
      <strong>{format.count(count)}</strong> {name}
      <br />
      <span class="small quiet">{format.percent(of ? count / of : null)}</span>
    </td>
  );
}
