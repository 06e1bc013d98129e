import { useAdminReason } from "~/api/session";
import type { PageProps } from "~/pages/page";
import { Audit } from "~/pages/settings/Audit";
import { Substrates } from "~/pages/settings/Substrates";
import { System } from "~/pages/settings/System";
import { Tokens } from "~/pages/settings/Tokens";
import { Note } from "~/parts/notes";
import { type Tab, Tabs } from "~/parts/Tabs";
import { hrefOf, replacePlace } from "~/router";

export default function Settings({ place }: PageProps) {
  const reason = useAdminReason();
  const forAdmin = (show: Tab["show"]) => () => (reason ? <Note>{reason}</Note> : show());
  const tabs: Tab[] = [
    { key: "system", label: "System", show: () => <System /> },
    { key: "substrates", label: "Substrates", show: () => <Substrates /> },
    { key: "tokens", label: "Access tokens", show: forAdmin(() => <Tokens />) },
    { key: "audit", label: "Audit log", show: forAdmin(() => <Audit />) },
  ];
  return (
    <>
      <div class="page-head">
        <h1>Settings</h1>
      </div>
      <Tabs
        label="Settings"
        tabs={tabs}
        open={place.query.get("tab") ?? "system"}
        onOpen={(tab) => replacePlace(hrefOf(["settings"], { tab }))}
      />
    </>
  );
}
