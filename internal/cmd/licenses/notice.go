package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"text/tabwriter"
)

// textFolder is the folder of the texts, beside NOTICE.
const textFolder = "licenses"

const head = `terraform-provider-instance
Copyright the authors of terraform-provider-instance

This program is under the Mozilla Public License 2.0, in the file LICENSE. It
contains the modules below, each under its own license, whose text is in the
folder "licenses" under the module's path. The source code of a module, in the
version that is named, is available at the address that is its path, and from the
Go module proxy.

`

// write makes folder hold NOTICE and the texts, and nothing else.
func write(folder string, found []licensed) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	for _, l := range found {
		for _, t := range l.texts {
			to := filepath.Join(folder, textFolder, filepath.FromSlash(l.module.Path), filepath.FromSlash(t.path))
			if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
				return err
			}
			if err := os.WriteFile(to, t.data, 0o600); err != nil {
				return err
			}
		}
	}
	var notice bytes.Buffer
	if err := writeNotice(&notice, found); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "NOTICE"), notice.Bytes(), 0o600)
}

// writeNotice prints the list of modules, and then the notices of those that have
// one, as the Apache license demands.
func writeNotice(w io.Writer, found []licensed) error {
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range found {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", l.module.Path, l.module.Version, l.names())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, l := range found {
		for _, t := range l.texts {
			if !t.notice {
				continue
			}
			_, err := fmt.Fprintf(w, "\n--- %s\n\n%s\n", path.Join(l.module.Path, t.path), bytes.TrimSpace(t.data))
			if err != nil {
				return err
			}
		}
	}
	return nil
}
