//go:build !linux

package provider

import "errors"

// enterSandbox needs Landlock.
func enterSandbox(string, []string) error { return errors.ErrUnsupported }
