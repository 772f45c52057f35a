fn main() {
    dbmigrate::embed_build("migrations");
}
