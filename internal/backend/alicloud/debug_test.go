package alicloud

import "testing"

func TestNewRefusesAnEnvironmentThatMakesTheSDKPrint(t *testing.T) {
	for value, refused := range map[string]bool{
		"on": false, "app,tea": true,
	} {
		t.Setenv("DEBUG", value)
		_, err := New(Credentials{AccessKeyID: "id", AccessKeySecret: "secret"}, "cn-hangzhou", Options{})
		if got := err != nil; got != refused {
			t.Errorf("New with DEBUG=%q: got error %v, want refused %t", value, err, refused)
		}
	}
}
