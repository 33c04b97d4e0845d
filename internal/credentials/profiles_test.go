package credentials

// profiles has one complete profile of each mode of config.json, with its result.
var profiles = map[string]struct {
	text string
	keys [3]string
	// source is the source's name after the path.
	source string
	// call is the call to the token service.
	call string
	// err is the error where the mode gives no keys.
	err string
}{
	"AK": {
		text: `{"name":"ops","mode":"AK","access_key_id":"id-1","access_key_secret":"SECRETone1111",` +
			`"sts_token":"TOKENthree3333","region_id":"cn-beijing","retry_count":3,"site":null}`,
		keys:   [3]string{"id-1", "SECRETone1111", ""},
		source: "(AK)",
	},
	"StsToken": {
		text: `{"name":"ops","mode":"stsTOKEN","access_key_id":"id-2","access_key_secret":"SECRETtwo2222",` +
			`"sts_token":"TOKENtwo2222"}`,
		keys:   [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"},
		source: "(StsToken)",
	},
	"RamRoleArn": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-2","access_key_secret":"SECRETtwo2222",` +
			`"sts_token":"TOKENtwo2222","ram_role_arn":"acs:ram::1234567890123456:role/ops","ram_session_name":"s-1",` +
			`"expired_seconds":900,"sts_region":"cn-beijing"}`,
		keys:   issuedKeys,
		source: "(RamRoleArn)",
		call:   "AssumeRole",
	},
	"ChainableRamRoleArn": {
		text: `{"name":"ops","mode":"ChainableRamRoleArn","source_profile":"base",` +
			`"ram_role_arn":"acs:ram::1234567890123456:role/ops","ram_session_name":"s-1"},{"name":"base","mode":"AK",` +
			`"access_key_id":"id-1","access_key_secret":"SECRETone1111"}`,
		keys:   issuedKeys,
		source: "(ChainableRamRoleArn)",
		call:   "AssumeRole",
	},
	"EcsRamRole": {
		text: `{"name":"ops","mode":"EcsRamRole","ram_role_name":"web"}`,
		keys: machineKeys,
	},
	"EcsRamRole without a name": {
		text: `{"name":"ops","mode":"EcsRamRole"}`,
		keys: machineKeys,
	},
	"OIDC": {
		text: `{"name":"ops","mode":"OIDC","oidc_provider_arn":"acs:ram::1234567890123456:oidc-provider/hcp",` +
			`"oidc_token_file":"/var/run/token","ram_role_arn":"acs:ram::1234567890123456:role/ops"}`,
		keys:   issuedKeys,
		source: "(OIDC)",
		call:   "AssumeRoleWithOIDC",
	},
	"CloudSSO": {
		text: `{"name":"ops","mode":"CloudSSO","cloud_sso_sign_in_url":"https://signin.example.com",` +
			`"access_token":"TOKENthree3333","access_key_id":"id-2","access_key_secret":"SECRETtwo2222",` +
			`"sts_token":"TOKENtwo2222","sts_expiration":4102444800}`,
		keys:   [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"},
		source: "(CloudSSO)",
	},
	"CloudSSO that has ended": {
		text: `{"name":"ops","mode":"CloudSSO","access_key_id":"id-2","access_key_secret":"SECRETtwo2222",` +
			`"sts_token":"TOKENtwo2222","sts_expiration":1700000000}`,
		err: "profile \"ops\" of ~/.aliyun/config.json (CloudSSO): the keys of the profile ended at " +
			"2023-11-14T22:13:20Z, and new ones need a browser. Run `aliyun configure --mode CloudSSO --profile ops` and " +
			"try again.",
	},
	"OAuth": {
		text: `{"name":"ops","mode":"OAuth","oauth_site_type":"CN","oauth_refresh_token":"TOKENthree3333",` +
			`"access_key_id":"id-2","access_key_secret":"SECRETtwo2222","sts_token":"TOKENtwo2222","sts_expiration":4102444800}`,
		keys:   [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"},
		source: "(OAuth)",
	},
	"OAuth without keys": {
		text: `{"name":"ops","mode":"OAuth","oauth_refresh_token":"TOKENthree3333"}`,
		err: "profile \"ops\" of ~/.aliyun/config.json (OAuth): the profile has no keys yet, and new ones need a " +
			"browser. Run `aliyun configure --mode OAuth --profile ops` and try again.",
	},
	"External": {
		text: `{"name":"ops","mode":"external","process_command":"vault read SECRETone1111"}`,
		err: `~/.aliyun/config.json, line 1: profile "ops": the mode "External" is not supported: it runs an external ` +
			`program. Use another profile.`,
	},
	"CredentialsURI": {
		text: `{"name":"ops","mode":"CredentialsURI","credentials_uri":"http://u:SECRETone1111@localhost"}`,
		err: `~/.aliyun/config.json, line 1: profile "ops": the mode "CredentialsURI" is not supported: it gets keys ` +
			`from a URL. Use another profile.`,
	},
	"RsaKeyPair": {
		text: `{"name":"ops","mode":"RsaKeyPair","private_key":"SECRETone1111"}`,
		err: `~/.aliyun/config.json, line 1: profile "ops": the mode "RsaKeyPair" is not supported: the provider does ` +
			`not know it. Use another profile.`,
	},
	"no mode, with keys": {
		text: `{"name":"ops","access_key_id":"id-1","access_key_secret":"SECRETone1111"}`,
		keys: [3]string{"id-1", "SECRETone1111", ""}, source: "(AK)",
	},
	"no mode, with a token": {
		text: `{"name":"ops","mode":"","access_key_id":"id-2","access_key_secret":"SECRETtwo2222",` +
			`"sts_token":"TOKENtwo2222"}`,
		keys:   [3]string{"id-2", "SECRETtwo2222", "TOKENtwo2222"},
		source: "(StsToken)",
	},
	"no mode, with a role": {
		text: `{"name":"ops","mode":null,"access_key_id":"id-1","access_key_secret":"SECRETone1111",` +
			`"ram_role_arn":"acs:ram::1234567890123456:role/ops"}`,
		keys:   issuedKeys,
		source: "(RamRoleArn)",
		call:   "AssumeRole",
	},
	"no mode, with a role of the machine": {
		text: `{"name":"ops","ram_role_name":"web"}`,
		keys: machineKeys,
	},
	"no mode, with a program": {
		text: `{"name":"ops","process_command":"SECRETone1111"}`,
		err: `~/.aliyun/config.json, line 1: profile "ops": the mode "External" is not supported: it runs an external ` +
			`program. Use another profile.`,
	},
	"no mode, with web identity": {
		text: `{"name":"ops","oidc_provider_arn":"acs:ram::1234567890123456:oidc-provider/hcp",` +
			`"oidc_token_file":"/var/run/token","ram_role_arn":"acs:ram::1234567890123456:role/ops"}`,
		keys:   issuedKeys,
		source: "(OIDC)",
		call:   "AssumeRoleWithOIDC",
	},
	"no mode, with a sign-in page": {
		text: `{"name":"ops","cloud_sso_sign_in_url":"https://signin.example.com"}`,
		err: "profile \"ops\" of ~/.aliyun/config.json (CloudSSO): the profile has no keys yet, and new ones need a " +
			"browser. Run `aliyun configure --mode CloudSSO --profile ops` and try again.",
	},
	"nothing": {
		text: `{"name":"ops"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": it has no "mode", and no keys to derive one from`,
	},
	"half of AK": {
		text: `{"name":"ops","mode":"AK","access_key_id":"id-1","access_key_secret":""}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": the mode AK needs "access_key_secret"`,
	},
	"StsToken without a token": {
		text: `{"name":"ops","mode":"StsToken","access_key_id":"id-1","access_key_secret":"SECRETone1111"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": the mode StsToken needs "sts_token"`,
	},
	"RamRoleArn without a role": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-1","access_key_secret":"SECRETone1111"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": a role needs "ram_role_arn"`,
	},
	"OIDC without its parts": {
		text: `{"name":"ops","mode":"OIDC"}`,
		err: `~/.aliyun/config.json, line 1: profile "ops": the mode OIDC needs "oidc_provider_arn", "oidc_token_file" ` +
			`and "ram_role_arn"`,
	},
	"ChainableRamRoleArn without a source": {
		text: `{"name":"ops","mode":"ChainableRamRoleArn","ram_role_arn":"a"}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": the mode ChainableRamRoleArn needs "source_profile"`,
	},
	"a source that does not exist": {
		text: `{"name":"ops","mode":"ChainableRamRoleArn","ram_role_arn":"a","source_profile":"base"}`,
		err:  `~/.aliyun/config.json has no profile "base"; it has "ops"`,
	},
	"a cycle": {
		text: `{"name":"ops","mode":"ChainableRamRoleArn","ram_role_arn":"a","source_profile":"base"},` + "\n" +
			`{"name":"base","mode":"ChainableRamRoleArn","ram_role_arn":"a","source_profile":"ops"}`,
		err: `~/.aliyun/config.json, line 1: profile "ops": its "source_profile" leads back to itself: ops -> base -> ops`,
	},
	"a profile that appears twice": {
		text: `{"name":"ops","mode":"AK"},` + "\n" + `{"name":"ops","mode":"AK","access_key_secret":"SECRETone1111"}`,
		err:  `~/.aliyun/config.json, line 2: the profile "ops" appears twice; the first one is in line 1`,
	},
	"a key that appears twice": {
		text: `{"name":"ops","access_key_secret":"SECRETone1111",` + "\n" + `"access_key_secret":"SECRETtwo2222"}`,
		err:  `~/.aliyun/config.json, line 2: the key "access_key_secret" appears twice`,
	},
	"a number in place of a secret": {
		text: `{"name":"ops","mode":"AK","access_key_id":"id-1","access_key_secret":` + "\n" + `9876543210987654321098765}`,
		err:  `~/.aliyun/config.json, line 2: profile "ops": "access_key_secret" is a number, and must be a string`,
	},
	"a list in place of a secret": {
		text: `{"name":"ops","mode":"AK","access_key_id":"id-1","access_key_secret":["SECRETone1111"]}`,
		err:  `~/.aliyun/config.json, line 1: profile "ops": "access_key_secret" is a list, and must be a string`,
	},
	"a duration that is no whole number": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-1","access_key_secret":"SECRETone1111",` +
			`"ram_role_arn":"a","expired_seconds":9.5e3}`,
		err: `~/.aliyun/config.json, line 1: profile "ops": "expired_seconds" is not a whole number`,
	},
	"a duration that is too long": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-1","access_key_secret":"SECRETone1111",` +
			`"ram_role_arn":"a","expired_seconds":99999}`,
		err: `the duration of the profile "ops" of ~/.aliyun/config.json (RamRoleArn) must be between 900 and 43200 ` +
			`seconds, and is 99999`,
	},
	"a session name that no cloud takes": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-1","access_key_secret":"SECRETone1111",` +
			`"ram_role_arn":"a","ram_session_name":"a b"}`,
		err: `the session name of the profile "ops" of ~/.aliyun/config.json (RamRoleArn) must have 2 to 64 of the ` +
			`characters A-Z a-z 0-9 . @ _ -`,
	},
	"a token service over plain http": {
		text: `{"name":"ops","mode":"RamRoleArn","access_key_id":"id-1","access_key_secret":"SECRETone1111",` +
			`"ram_role_arn":"a","sts_endpoint":"http://sts.example.com"}`,
		err: `profile "ops" of ~/.aliyun/config.json (RamRoleArn): the token service of the profile "ops" of ` +
			`~/.aliyun/config.json (RamRoleArn) ` +
			"is plain http, and not on a loopback address: credentials would travel unprotected, use `https://`",
	},
	"a secret with a line end": {
		text: `{"name":"ops","mode":"AK","access_key_id":"id-1","access_key_secret":"SECRETone1111\nx"}`,
		err: `~/.aliyun/config.json: profile "ops": the secret contains a space, a line end or another character that ` +
			`no key has`,
	},
	"a profile that is null": {
		text: `null,{"name":"other"}`,
		err:  `~/.aliyun/config.json has no profile "ops"; it has "other"`,
	},
	"a profile that is a string": {
		text: `"SECRETone1111"`,
		err:  `~/.aliyun/config.json, line 1: this is a string, and must be an object`,
	},
}
