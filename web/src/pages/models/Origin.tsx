import { urlOf } from "~/api/client";
import {
  type Model,
  originOf,
  parityOf,
  share,
  textOf,
  tiny,
  trainingOf,
} from "~/pages/models/facts";
import { GateRecord } from "~/pages/models/GateRecord";
import * as format from "~/parts/format";
import { hrefOf } from "~/router";

/** Where a version is from, how it is to be fed, and what the gate said. */
export function Origin({ model }: { model: Model }) {
  const training = trainingOf(model);
  const { provenance } = model;
  return (
    <div class="models-beside">
      <section class="card stack" aria-label="Origin">
        <h2>Origin</h2>
        <dl class="facts">
          <dt>Made by</dt>
          <dd>
            {training === null ? (
              originOf(model)
            ) : (
              <>
                <a href={hrefOf(["trainings", training])}>training {training}</a>,{" "}
                <a href={urlOf(`/v1/trainings/${training}/report`)}>its report</a>
              </>
            )}
          </dd>
          <dt>Began with</dt>
          <dd>{textOf(provenance.base_model) ?? "unknown"}</dd>
          <dt>Exported</dt>
          <dd>
            {textOf(provenance.created) ? format.moment(String(provenance.created)) : "unknown"}
          </dd>
          <dt>Registered</dt>
          <dd>
            {format.moment(model.created_at)}
            {model.created_by && ` by ${model.created_by}`}
          </dd>
          <dt>Promoted</dt>
          <dd>
            {format.moment(model.promoted_at)}
            {model.promoted_by && ` by ${model.promoted_by}`}
          </dd>
          <dt>Replaced</dt>
          <dd>{model.replaced_version ?? "none"}</dd>
          <dt>Remark</dt>
          <dd>{textOf(provenance.note) ?? "none"}</dd>
        </dl>
        <h3>How it judges</h3>
        <dl class="facts">
          <dt>Network</dt>
          <dd>{model.architecture ?? "unknown"}</dd>
          <dt>Sees crops of</dt>
          <dd>
            {model.input_size_px} x {model.input_size_px} px, contrast and outline
          </dd>
          <dt>Graphene from</dt>
          <dd>p = {share(model.threshold)}</dd>
          <dt>Temperature</dt>
          <dd>{share(model.temperature)}: above 1 the network alone was too sure of itself</dd>
          <dt>Parity</dt>
          <dd>{tiny(parityOf(model))}: file against trained network, 0.0001 is allowed</dd>
        </dl>
        <dl class="facts models-digests">
          <dt>Training data</dt>
          <dd>
            <code>{model.data_digest}</code>
          </dd>
          <dt>File</dt>
          <dd>
            <a href={urlOf(`/v1/models/${encodeURIComponent(model.version)}/model.onnx`)} download>
              Download the ONNX file
            </a>{" "}
            <code>sha256:{model.sha256}</code>
          </dd>
        </dl>
        <details>
          <summary>Everything that was recorded</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines must scroll by keyboard */}
          <pre class="models-recorded small" tabIndex={0}>
            {JSON.stringify({ provenance, metrics: model.metrics }, null, 2)}
          </pre>
        </details>
      </section>
      <GateRecord model={model} />
    </div>
  );
}
