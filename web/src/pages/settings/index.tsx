export { default } from "~/pages/settings/Settings";
