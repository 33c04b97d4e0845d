package main

import (
	"slices"
	"strings"
)

// childEnvironment is what the CLI and the provider see: what programs need to
// run at all, and what is set here. Credentials and regions of clouds, log
// levels and arguments for the CLI, and proxies are left out.
func childEnvironment(environment []string, set ...string) []string {
	passed := []string{
		"PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "TMP", "TEMP",
		"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
	}
	// The shims of version managers need their own.
	prefixes := []string{"LC_", "ASDF_", "MISE_", "TENV_", "TFENV_", "TOFUENV_"}
	var out []string
	for _, variable := range environment {
		name, _, _ := strings.Cut(variable, "=")
		name = strings.ToUpper(name)
		if slices.Contains(passed, name) || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			out = append(out, variable)
		}
	}
	return append(out, set...)
}
