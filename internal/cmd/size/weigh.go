package main

import (
	"debug/elf"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/modules"
)

// Rows that are no module.
const (
	typesAndStrings = "types and strings of all modules"
	rest            = "headers, alignment, symbols of the linker"
)

// binary is what is read of a binary with symbols.
type binary struct {
	symbols    []symbol
	lineTables int64 // bytes of the line numbers and the list of functions
	readOnly   int64 // bytes of constants, types and strings
}

// symbol is a symbol that takes place in the file.
type symbol struct {
	name    string
	weight  int64
	section string
}

// Sections of a Go binary.
const (
	codeSection       = ".text"
	lineTablesSection = ".gopclntab"
	readOnlySection   = ".rodata"
)

// readBinary reads a binary that was linked with symbols.
func readBinary(path string) (binary, error) {
	file, err := elf.Open(path)
	if err != nil {
		return binary{}, err
	}
	defer func() { _ = file.Close() }() // It was only read.
	symbols, err := file.Symbols()
	if err != nil {
		return binary{}, fmt.Errorf("%s: %w", path, err)
	}

	var b binary
	for _, section := range file.Sections {
		switch section.Name {
		case lineTablesSection:
			b.lineTables += int64(section.Size) //nolint:gosec // Far below the limit of int64.
		case readOnlySection, ".typelink", ".itablink":
			b.readOnly += int64(section.Size) //nolint:gosec // Far below the limit of int64.
		}
	}
	for _, s := range symbols {
		if int(s.Section) >= len(file.Sections) { // a constant, or of no section
			continue
		}
		section := file.Sections[s.Section]
		if s.Size == 0 || section.Type == elf.SHT_NOBITS || section.Name == lineTablesSection {
			continue
		}
		b.symbols = append(b.symbols, symbol{s.Name, int64(s.Size), section.Name}) //nolint:gosec // As above.
	}
	return b, nil
}

// weigh returns the rows of a binary. Their sum is total, the weight of the same
// binary without symbols.
func weigh(b binary, packages []modules.Package, total int64) []row {
	byPackage := make(map[string]string, len(packages))
	for _, p := range packages {
		byPackage[p.Path] = p.Module.Path
	}
	byPackage["main"] = modules.Main

	weights := make(map[string]int64)
	code := make(map[string]int64)
	allCode, readOnly := int64(0), int64(0)
	for _, s := range b.symbols {
		module, ok := byPackage[packageOf(s.name)]
		if !ok {
			continue
		}
		weights[module] += s.weight
		switch s.section {
		case codeSection:
			code[module] += s.weight
			allCode += s.weight
		case readOnlySection:
			readOnly += s.weight
		}
	}
	for module, weight := range code {
		weights[module] += int64(float64(b.lineTables) * float64(weight) / float64(allCode))
	}
	weights[typesAndStrings] = b.readOnly - readOnly

	sum := int64(0)
	for _, weight := range weights {
		sum += weight
	}
	weights[rest] = total - sum

	rows := make([]row, 0, len(weights))
	for name, weight := range weights {
		rows = append(rows, row{name, weight})
	}
	return rows
}

// element is what stands before the name of a type in the name of a pointer, a
// slice or an array of it.
var element = regexp.MustCompile(`^(\*|\[\d*\])+`)

// packageOf returns the path of the package that a symbol belongs to. Equality and
// hash functions and method tables belong to the package of their type.
func packageOf(name string) string {
	for _, prefix := range []string{"type:.eq.", "type:.hash.", "go:itab."} {
		if after, ok := strings.CutPrefix(name, prefix); ok {
			name = element.ReplaceAllString(after, "")
		}
	}
	if strings.HasPrefix(name, "type:") || strings.HasPrefix(name, "go:") {
		return "" // of all packages
	}
	// The path ends at the first dot after its last slash. Type arguments, which
	// may have slashes too, come after that dot. In the last part of a path the
	// linker writes a dot as %2e.
	if i := strings.IndexAny(name, "[("); i >= 0 {
		name = name[:i]
	}
	slash := strings.LastIndexByte(name, '/')
	dot := strings.IndexByte(name[slash+1:], '.')
	if dot < 0 {
		return ""
	}
	path, err := url.PathUnescape(name[:slash+1+dot])
	if err != nil {
		return ""
	}
	return path
}
