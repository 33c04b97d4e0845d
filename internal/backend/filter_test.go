package backend_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestFilterMatches(t *testing.T) {
	t.Parallel()
	in := backend.Instance{ID: "i-1", Name: "web-eu-1", Tags: map[string]string{"env": "prod", "team": "", "tier": "web"}}
	for name, test := range map[string]struct {
		filter backend.Filter
		want   bool
	}{
		"nothing asked for fits everything":     {backend.Filter{}, true},
		"the same name fits":                    {backend.Filter{Name: "web-eu-1"}, true},
		"a part of the name does not fit":       {backend.Filter{Name: "web-eu"}, false},
		"letters of another case do not fit":    {backend.Filter{Name: "WEB-eu-1"}, false},
		"a star stands for any characters":      {backend.Filter{Name: "web-*"}, true},
		"a star stands for none too":            {backend.Filter{Name: "web-eu-1*"}, true},
		"a star in front":                       {backend.Filter{Name: "*-1"}, true},
		"stars around":                          {backend.Filter{Name: "*eu*"}, true},
		"a star in the middle":                  {backend.Filter{Name: "web*1"}, true},
		"several stars keep their order":        {backend.Filter{Name: "*eu*web*"}, false},
		"the end counts after the last star":    {backend.Filter{Name: "web*2"}, false},
		"the beginning counts before the first": {backend.Filter{Name: "eb*"}, false},
		"parts may not share letters":           {backend.Filter{Name: "web-eu*u-1"}, false},
		"stars alone":                           {backend.Filter{Name: "**"}, true},
		"no other character is special":         {backend.Filter{Name: "web?eu.1"}, false},
		"a tag with its value":                  {backend.Filter{Tags: map[string]string{"env": "prod"}}, true},
		"a tag with another value":              {backend.Filter{Tags: map[string]string{"env": "test"}}, false},
		"a tag with any value":                  {backend.Filter{Tags: map[string]string{"env": ""}}, true},
		"a tag whose value is empty has any":    {backend.Filter{Tags: map[string]string{"team": ""}}, true},
		"a tag that is not there":               {backend.Filter{Tags: map[string]string{"owner": ""}}, false},
		"all tags must be there": {
			backend.Filter{Tags: map[string]string{"env": "prod", "tier": "db"}}, false,
		},
		"several tags": {
			backend.Filter{Tags: map[string]string{"env": "prod", "tier": "web"}}, true,
		},
		"name and tags must both fit": {
			backend.Filter{Name: "db-*", Tags: map[string]string{"env": "prod"}}, false,
		},
		"the last part is sought behind the others": {backend.Filter{Name: "*-*-*"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.filter.Matches(in); got != test.want {
				t.Errorf("%+v fits %q, %v: %v, want %v", test.filter, in.Name, in.Tags, got, test.want)
			}
			kept := test.filter.Keep([]backend.Instance{in})
			if got := len(kept) == 1; got != test.want {
				t.Errorf("it is kept: %v, want %v", got, test.want)
			}
		})
	}
}

func TestFilterForTheCloud(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, exact, prefix string }{
		{"", "", ""}, {"web-1", "web-1", "web-1"}, {"web-*", "", "web-"}, {"*-1", "", ""}, {"a*b*c", "", "a"},
	} {
		f := backend.Filter{Name: test.name}
		if got, want := f.ExactName(), test.exact; got != want {
			t.Errorf("the exact name of %q is %q, want %q", test.name, got, want)
		}
		if got, want := f.NamePrefix(), test.prefix; got != want {
			t.Errorf("the prefix of %q is %q, want %q", test.name, got, want)
		}
	}
	f := backend.Filter{Tags: map[string]string{"c": "1", "a": "2", "b": "", "d": "", "e": "3"}}
	if diff := cmp.Diff(f.TagsWithValues(2), []string{"a", "c"}); diff != "" {
		t.Errorf("tags with values, at most two (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(f.KeysAlone(20), []string{"b", "d"}); diff != "" {
		t.Errorf("keys alone (-got +want):\n%s", diff)
	}
}
