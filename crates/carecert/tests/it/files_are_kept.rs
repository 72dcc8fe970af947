//! Blobs and backups: kept once, read back as they were, restored only where nothing is.

use std::{path::Path, process::Command};

use carecert::SERVICES;
use platform::{
    App,
    app::Parts,
    blob::{self, BlobError, Blobs},
};
use testkit::world::World;

/// The world's program with another store for its files.
fn with_blobs(world: &World, blobs: Blobs) -> App {
    App::new(Parts {
        db: world.app.db.clone(),
        env: world.app.env.clone(),
        settings: world.app.settings.clone(),
        blobs,
        post: world.post.clone(),
        texts: world.app.texts.clone(),
        net: world.net.clone(),
        services: SERVICES,
        stop: world.app.stop.clone(),
        live: world.app.live.clone(),
    })
}

#[tokio::test]
async fn a_blob_is_kept_once_and_a_damaged_one_is_never_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = World::new(SERVICES).await;
    for blobs in [Blobs::Database, Blobs::Folder(folder.path().to_owned())] {
        let app = with_blobs(&world, blobs);
        let bytes: Vec<u8> = (0..700_000_u32).map(|number| number.to_le_bytes()[1]).collect();
        // Differs for each store: the table of names is common to both.
        let bytes = [format!("{:?}", app.blobs).into_bytes(), bytes].concat();
        let hash = blob::keep(&app, &bytes).await.expect("kept");
        assert_eq!(blob::keep(&app, &bytes).await.expect("kept again"), hash);
        assert!(blob::read(&app, &hash).await.expect("read back") == bytes);
    }
    let name =
        std::fs::read_dir(folder.path()).expect("a folder").next().expect("one").expect("entry").path();
    let file = std::fs::read_dir(name).expect("a folder").next().expect("one").expect("entry").path();
    let mut bytes = std::fs::read(&file).expect("the file");
    let hash: blob::BlobHash = sha(&bytes);
    bytes[5] ^= 1;
    std::fs::write(&file, bytes).expect("damaged");
    let app = with_blobs(&world, Blobs::Folder(folder.path().to_owned()));
    assert!(matches!(blob::read(&app, &hash).await, Err(BlobError::Damaged(_))));
}

fn sha(bytes: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).into()
}

fn carecert(arguments: &[&str], dir: &Path) -> (i32, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_carecert"))
        .args(arguments)
        .arg("--dir")
        .arg(dir)
        .env_remove("DATABASE_URL")
        .output()
        .expect("the program runs");
    let told = [done.stdout, done.stderr].concat();
    (done.status.code().expect("an exit code"), String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn a_backup_is_restored_only_where_nothing_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to, backup) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("backup"));
    let backup_name = backup.to_str().expect("a plain name");
    let admin = ["account", "create", "--email", "ada@example.org", "--role", "admin"];
    assert_eq!(carecert(&admin, &from).0, 0);
    std::fs::create_dir_all(from.join("blobs/ab")).expect("a folder");
    std::fs::write(from.join("blobs/ab/cd"), "a file").expect("a blob");

    let (code, told) = carecert(&["backup", backup_name], &from);
    assert_eq!(
        (code, told.as_str()),
        (0, &*format!("Backed up the database and 1 files to {backup_name}.\n"))
    );
    let (code, told) = carecert(&["backup", backup_name], &from);
    assert!(code == 1 && told.contains("already holds something"), "{told}");

    let (code, told) = carecert(&["restore", backup_name], &from);
    assert!(code == 1 && told.contains("never overwrites"), "{told}");
    let (code, told) = carecert(&["restore", backup_name], &to);
    assert_eq!(code, 0, "{told}");
    assert_eq!(std::fs::read_to_string(to.join("blobs/ab/cd")).expect("restored"), "a file");
    assert_eq!(carecert(&["audit", "verify"], &to).0, 0);

    std::fs::write(backup.join("carecert.db"), "cut").expect("damaged");
    let (code, told) = carecert(&["restore", backup_name], &folder.path().join("c"));
    assert!(code == 1 && told.contains("damaged"), "{told}");
}

#[test]
fn wrong_usage_and_wrong_settings_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(carecert(&["no-such-command"], folder.path()).0, 2);
    let file = folder.path().join("carecert.toml");
    std::fs::write(&file, "bind = \"x\"\n[cert]\nnam = \"y\"\n").expect("written");
    let name = file.to_str().expect("a plain name");
    let (code, told) = carecert(&["serve", "--config", name], folder.path());
    assert_eq!(code, 1);
    let (silent, asked) = carecert(&["serve"], folder.path());
    assert!(silent == 1 && asked.contains("cert.telephone is not set"), "{asked}");
    assert!(told.contains("carecert.toml:1: bind") && told.contains("carecert.toml:3: cert.nam"), "{told}");
}
