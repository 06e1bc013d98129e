import { ModelList } from "~/pages/models/ModelList";
import { Version } from "~/pages/models/Version";
import { idAt, type PageProps } from "~/pages/page";
import { DataSets } from "~/pages/trainings/DataSets";
import { TrainingList } from "~/pages/trainings/TrainingList";
import { TrainingPage } from "~/pages/trainings/TrainingPage";
import { Note } from "~/parts/notes";
import { hrefOf } from "~/router";
import "./models.css";

/** Model versions, trainings and data sets: which of them, the address says. */
export default function Models({ place }: PageProps) {
  const [part, name] = place.path;
  if (part === "models") {
    return name ? <Version key={name} version={name} place={place} /> : <ModelList place={place} />;
  }
  if (!name) return place.query.get("tab") === "datasets" ? <DataSets /> : <TrainingList />;
  const id = idAt(place, 1);
  return id ? <TrainingPage key={id} id={id} /> : <NoTraining name={name} />;
}

function NoTraining({ name }: { name: string }) {
  return (
    <>
      <h1>Training</h1>
      <Note kind="bad">
        <span role="alert">
          There is no training {name}; <a href={hrefOf(["trainings"])}>all trainings</a>.
        </span>
      </Note>
    </>
  );
}
