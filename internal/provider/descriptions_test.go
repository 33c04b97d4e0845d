package provider

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

var (
	codeOrAddress = regexp.MustCompile("`[^`]*`|\\]\\([^)]*\\)")
	endOfSentence = regexp.MustCompile(`[.!?](\s|$)`)
)

// mostWords is how many words a description may have: without a limit, a semicolon
// makes one sentence of three.
const mostWords = 50

// descriptionProblem says why a text is no description of at most two short sentences,
// or is empty.
func descriptionProblem(text string) string {
	plain := codeOrAddress.ReplaceAllString(text, "x")
	switch {
	case text == "":
		return "has no description"
	case !strings.HasSuffix(text, "."):
		return "does not end with a full stop"
	case strings.Contains(text, "\n"):
		return "has a line break: longer explanations belong in a guide"
	case len(endOfSentence.FindAllString(plain, -1)) > 2:
		return "has more than two sentences: longer explanations belong in a guide"
	case len(strings.Fields(plain)) > mostWords:
		return "has long sentences: longer explanations belong in a guide"
	}
	return ""
}

// Editors show a description in a small window, and the registry in a list.
func TestDescriptionsHaveAtMostTwoSentences(t *testing.T) {
	t.Parallel()
	all := descriptions(t)
	for _, place := range slices.Sorted(maps.Keys(all)) {
		if problem := descriptionProblem(all[place]); problem != "" {
			t.Errorf("%s %s: %q", place, problem, all[place])
		}
	}
	if len(all) < 200 {
		t.Errorf("found %d descriptions, which cannot be all", len(all))
	}
}

// What is about several instances says so where it says where they are.
func TestDescriptionsOfAPlaceNameOneInstanceOrSeveral(t *testing.T) {
	t.Parallel()
	all := descriptions(t)
	for place, text := range all {
		parent, attribute := path.Split(strings.ReplaceAll(place, " ", "/"))
		if attribute != "cloud" && attribute != "region" {
			continue
		}
		parent = strings.ReplaceAll(parent, "/", " ")
		_, one := all[parent+"instance_id"]
		_, several := all[parent+"instance_ids"]
		if several && oneInstance.MatchString(text) || one && strings.Contains(text, "the instances") {
			t.Errorf("%s: %q, which is about several instances: %v", place, text, several)
		}
	}
}

var oneInstance = regexp.MustCompile(`\bthe instance\b`)

func TestDescriptionProblems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Id of the instance.": "",
		"Such as `a.b. c. d.`; see [A guide](https://example.com/a.b). Default `1.5`.": "",
		"":                               "has no description",
		"Id":                             "does not end with a full stop",
		"One. Two. Three.":               "has more than two sentences",
		"One.\n    - Two.":               "has a line break",
		strings.Repeat("a, ", 50) + "a.": "has long sentences",
	} {
		if got := descriptionProblem(text); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// descriptions are the texts of the schema by their place. A nested block may have none:
// its attributes say what it is.
func descriptions(t *testing.T) map[string]string {
	t.Helper()
	server := NewServer(New("test"))()
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	all := descriptionsByPlace{}
	all.addBlock("provider", schema.Provider.Block)
	for kind, schemas := range map[string]map[string]*tfprotov6.Schema{
		"resource ": schema.ResourceSchemas, "data source ": schema.DataSourceSchemas,
		"list resource ": schema.ListResourceSchemas, "ephemeral resource ": schema.EphemeralResourceSchemas,
	} {
		for name, s := range schemas {
			all.addBlock(kind+name, s.Block)
		}
	}
	for name, action := range schema.ActionSchemas {
		all.addBlock("action "+name, action.Schema.Block)
	}
	for name, f := range schema.Functions {
		all["function "+name] = f.Description
		for _, parameter := range f.Parameters {
			all["function "+name+" "+parameter.Name] = parameter.Description
		}
	}
	for name, identity := range identities.IdentitySchemas {
		for _, attribute := range identity.IdentityAttributes {
			all["identity "+name+" "+attribute.Name] = attribute.Description
		}
	}
	return all
}

type descriptionsByPlace map[string]string

func (d descriptionsByPlace) addBlock(place string, block *tfprotov6.SchemaBlock) {
	d[place] = block.Description
	d.addAttributes(place, block.Attributes)
	for _, nested := range block.BlockTypes {
		within := place + " " + nested.TypeName
		d.addBlock(within, nested.Block)
		if d[within] == "" {
			delete(d, within)
		}
	}
}

func (d descriptionsByPlace) addAttributes(place string, attributes []*tfprotov6.SchemaAttribute) {
	for _, attribute := range attributes {
		d[place+" "+attribute.Name] = attribute.Description
		if attribute.NestedType != nil {
			d.addAttributes(place+" "+attribute.Name, attribute.NestedType.Attributes)
		}
	}
}
