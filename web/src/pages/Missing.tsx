import { Empty } from "~/parts/notes";
import { hrefOf } from "~/router";

export default function Missing() {
  return (
    <>
      <h1 class="unseen">Not found</h1>
      <Empty title="There is no such page">
        <a href={hrefOf(["scans"])}>To the scans</a>
      </Empty>
    </>
  );
}
