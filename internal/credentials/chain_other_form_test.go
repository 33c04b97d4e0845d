package credentials

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// northcloud is an invented cloud with temporary keys, and without a token service,
// roles and files: none of these comes with another.
var northcloud = &Cloud{
	title: "Northcloud",
	names: Names{
		Block: "northcloud", ID: Argument{Name: "app_key"}, Secret: Argument{Name: "app_secret"},
		Token: Argument{Name: "grant"},
	},
	families: []Family{
		{ID: []string{"NORTH_APP_KEY"}, Secret: []string{"NORTH_APP_SECRET"}, Token: []string{"NORTH_GRANT"}},
	},
}

func TestChainOfACloudOfAnotherForm(t *testing.T) {
	t.Parallel()
	runRows(t, map[string]row{
		"a pair of the block": {
			cloud: northcloud, config: Config{ID: "id-1", Secret: "SECRETone1111"},
			keys: [3]string{"id-1", "SECRETone1111", ""}, source: "`app_key` in the provider's `northcloud` block",
		},
		"a temporary key of the block": {
			cloud: northcloud, config: Config{ID: "id-2", Secret: "SECRETtwo2222", Token: "TOKENtwo2222"},
			keys: [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"}, source: "`app_key` in the provider's `northcloud` block",
		},
		"a temporary key of the environment": {
			cloud:  northcloud,
			env:    env("NORTH_APP_KEY", "id-2", "NORTH_APP_SECRET", "SECRETtwo2222", "NORTH_GRANT", "TOKENtwo2222"),
			keys:   [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"},
			source: "the environment variables NORTH_APP_KEY, NORTH_APP_SECRET and NORTH_GRANT",
		},
		"a token without its key": {
			cloud: northcloud, config: Config{Token: "TOKENtwo2222"},
			want: "`grant` is set in the provider's `northcloud` block and `app_key` and `app_secret` are not. A set of keys " +
				"is taken whole from one source, and the environment does not complete it: set them all there, or none",
		},
		"nothing": {
			cloud: northcloud,
			want: "no credentials for Northcloud were found. The places, in the order of their precedence:\n" +
				"- `app_key` with `app_secret` in the provider's `northcloud` block: not set\n" +
				"- the environment variables NORTH_APP_KEY with NORTH_APP_SECRET: not set",
		},
	})
	want := []string{"`app_key` with `app_secret` in the `northcloud` block", "NORTH_APP_KEY with NORTH_APP_SECRET"}
	if diff := cmp.Diff(northcloud.Sources(), want); diff != "" {
		t.Errorf("sources (-got +want):\n%s", diff)
	}
}
