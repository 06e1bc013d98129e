import { hrefOf } from "~/router";

const PARTS = [
  { key: "models", label: "Versions", href: hrefOf(["models"]) },
  { key: "trainings", label: "Trainings", href: hrefOf(["trainings"]) },
  { key: "datasets", label: "Data sets", href: hrefOf(["trainings"], { tab: "datasets" }) },
] as const;

/** The three lists of this part of the page. */
export function SectionNav({ at }: { at: (typeof PARTS)[number]["key"] }) {
  return (
    <nav class="models-nav" aria-label="Versions, trainings and data sets">
      {PARTS.map(({ key, label, href }) => (
        <a key={key} href={href} aria-current={key === at ? "page" : undefined}>
          {label}
        </a>
      ))}
    </nav>
  );
}
